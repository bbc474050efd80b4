/** The SQLSTATE of an error of the database; `undefined` for any other. */
export function errorCode(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  return typeof code === "string" ? code : undefined;
}

/** True where the partition for a row is missing: it was dropped since it was made sure of. */
function isMissingPartition(error: unknown): boolean {
  return errorCode(error) === "23514" && /no partition of relation/.test(String(error));
}

/**
 * True for an error that the same event would bring again: a value the database cannot take (data exception, constraint,
 * limit), or one that our own encoding chokes on. Everything else (connection, disk, deadlock) passes with time.
 */
export function isPoison(error: unknown): boolean {
  if (error instanceof RangeError || error instanceof TypeError || error instanceof SyntaxError) return true;
  return /^(22|23|54)[0-9A-Z]{3}$/.test(errorCode(error) ?? "") && !isMissingPartition(error);
}
