import { CaissonError } from "@caisson/core/run";

/** Throws E_SECRET_MISSING with all that people have yet to supply, and how. */
export function requireSupplied(neededBy: string, missing: readonly string[]): void {
  if (missing.length === 0) return;
  const commands = missing.map((name) => `caisson secret set ${name}`).join("\n");
  throw new CaissonError(
    "E_SECRET_MISSING",
    `${neededBy} needs ${missing.length === 1 ? "a secret" : "secrets"} that nobody supplied: ${missing.join(", ")}`,
    { hint: `Supply each from standard input or a file:\n${commands}` },
  );
}
