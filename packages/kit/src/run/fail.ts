import { isCaissonError } from "@caisson/core";
import type { Log } from "../log/create-log.ts";
import type { Host } from "./host.ts";

/** Ends the program with 1 after one log line. A CaissonError says what to do and needs no stack; anything else is a bug. */
export function fail(host: Host, log: Log, error: unknown): never {
  if (isCaissonError(error)) log.fatal({ code: error.code, hint: error.hint }, error.message);
  else log.fatal({ err: error }, error instanceof Error ? error.message : String(error));
  return host.exit(1);
}
