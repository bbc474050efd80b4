import { errorTable, type ErrorCode } from "./table.ts";
import type { Problem } from "./problem.ts";

/** What an error carries beside its sentence. `problems` is non-empty where several things are wrong at once. */
export interface CaissonErrorOptions {
  readonly hint?: string;
  readonly problems?: readonly Problem[];
  readonly cause?: unknown;
}

/**
 * The one error class. A user's mistake or a failed operation: message (expected, got, where) and hint (what to do),
 * shown without a stack trace. Anything else that is thrown is a bug of ours and keeps its stack.
 */
export class CaissonError extends Error {
  readonly code: ErrorCode;
  readonly hint: string;
  readonly problems: readonly Problem[];

  constructor(code: ErrorCode, message: string, options: CaissonErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "CaissonError";
    this.code = code;
    this.hint = options.hint ?? errorTable[code].hint;
    this.problems = options.problems ?? [];
  }
}

/** True for a CaissonError of any copy of this package (a project and its CLI may hold two). */
export function isCaissonError(error: unknown): error is CaissonError {
  return (
    error instanceof Error && error.name === "CaissonError" && typeof (error as { code?: unknown }).code === "string"
  );
}
