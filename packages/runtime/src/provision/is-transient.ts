import pg from "pg";

/** Connections that could not be made, or broke. */
const systemErrors = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
]);

/**
 * SQLSTATEs that pass by themselves: the server starts or stops (57P), is full (53300), lost the connection (08), rolled
 * back for another (40), or the object is in use or locked (55006, 55P03, 57014).
 */
const serverErrors = /^(?:57P0[1-5]|53300|08...|40...|55006|55P03|57014)$/;

/** Whether the same run may succeed a little later. */
export function isTransient(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return serverErrors.test(error.code ?? "");
  if (error instanceof AggregateError) return error.errors.some(isTransient);
  if (!(error instanceof Error)) return false;
  if ("code" in error && typeof error.code === "string" && systemErrors.has(error.code)) return true;
  // node-postgres gives these no code.
  return /^(?:Connection terminated|timeout expired|Client has encountered a connection error)/.test(error.message);
}
