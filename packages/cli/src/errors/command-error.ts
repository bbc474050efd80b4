import type { ErrorCode } from "@caisson/core";
import { commandErrors, type CommandCode } from "./table.ts";

/** `suggest`: a misspelt word and what it may have been; the nearest is named when the error is shown. */
export interface CommandErrorOptions {
  readonly hint?: string;
  readonly suggest?: { readonly word: string; readonly among: readonly string[] };
  readonly cause?: unknown;
}

/**
 * A mistake on the command line, or an end that has an exit code of its own. It bears the name and the fields of core's
 * CaissonError, so that whoever reports errors sees one kind; it is apart so that a usage error need not load core. Codes
 * of core's table need a hint of their own.
 */
export class CommandError extends Error {
  readonly code: CommandCode | ErrorCode;
  readonly hint: string;
  readonly problems = [];
  readonly suggest: CommandErrorOptions["suggest"];

  constructor(code: CommandCode, message: string, options?: CommandErrorOptions);
  constructor(code: ErrorCode, message: string, options: CommandErrorOptions & { readonly hint: string });
  constructor(code: CommandCode | ErrorCode, message: string, options: CommandErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "CaissonError";
    this.code = code;
    this.hint = options.hint ?? (isCommandCode(code) ? commandErrors[code].hint : "");
    this.suggest = options.suggest;
  }
}

/** A command line that could not be understood. */
export function usageError(message: string, options: CommandErrorOptions = {}): CommandError {
  return new CommandError("E_USAGE", message, options);
}

function isCommandCode(code: string): code is CommandCode {
  return code in commandErrors;
}
