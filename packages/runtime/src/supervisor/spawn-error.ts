import { CaissonError } from "@caisson/core/run";
import type { RunSpec } from "./spawn.ts";

/** Codes that say "too many of something": the same start may work later. */
const limits: Readonly<Record<string, string>> = {
  EMFILE: "this process has no file descriptor left",
  ENFILE: "the host has no file descriptor left",
  EAGAIN: "the host has no process left for this user",
  ENOMEM: "the host has no memory left",
};

/** Turns what the system said when a run could not start into an error with a code and a sentence. */
export function spawnError(error: unknown, spec: RunSpec): Error {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") {
    return error instanceof Error ? error : new Error(String(error));
  }
  const name = spec.argv[0] ?? "program";
  const limit = limits[error.code];
  if (limit !== undefined) return new CaissonError("E_SPAWN_LIMIT", `cannot start ${name}: ${limit}`, { cause: error });
  if (error.code === "EEXIST") {
    return new CaissonError("E_SPAWN", `cannot start ${name}: ${spec.runDir} already served another run`, {
      cause: error,
    });
  }
  return new CaissonError("E_SPAWN", `cannot start ${name}: ${error.message}`, { cause: error });
}
