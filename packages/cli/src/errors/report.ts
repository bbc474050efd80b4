import type { Problem } from "@caisson/core";
import { styleText } from "node:util";
import type { Context, Output } from "../context.ts";
import { exitCodeOf } from "./exit-codes.ts";
import { systemError } from "./system-error.ts";

/**
 * Shows an error on stderr and gives the exit code it ends with. Ours, and what the file system refuses, are a
 * sentence and a hint, or with `json` one line of JSON; anything else is a fault of caisson and shown with its stack.
 */
export async function reportError(thrown: unknown, context: Context, json: boolean): Promise<number> {
  if (thrown instanceof ExitCode) return thrown.code;
  const error = systemError(thrown) ?? thrown;
  if (!isReported(error)) return reportFault(error, context, json);
  const hint = [await suggestion(error), error.hint].filter(Boolean).join(" ");
  if (json) {
    const { code, message, problems } = error;
    context.stderr.write(`${JSON.stringify({ error: { code, message, hint, problems } })}\n`);
  } else context.stderr.write(errorText(error.code, error.message, hint, context.stderr));
  return exitCodeOf(error.code);
}

/** `error[E_CODE]: message` and the hint, as on stderr. */
export function errorText(code: string, message: string, hint: string, out: Pick<Output, "color">): string {
  const label = `error[${code}]`;
  const shown = out.color ? styleText(["bold", "red"], label, { validateStream: false }) : label;
  return `${shown}: ${message}\n${hint === "" ? "" : `  hint: ${hint.replaceAll("\n", "\n        ")}\n`}`;
}

/** Ends a command with a code when all there was to say has been said. */
export class ExitCode extends Error {
  readonly code: number;

  constructor(code: number) {
    super(`exit ${code}`);
    this.name = "ExitCode";
    this.code = code;
  }
}

/** What a CaissonError and a CommandError have in common; recognised by its fields, for there may be two copies of core. */
interface Reported {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly problems: readonly Problem[];
  readonly suggest?: { readonly word: string; readonly among: readonly string[] };
}

function isReported(error: unknown): error is Error & Reported {
  return error instanceof Error && error.name === "CaissonError" && "code" in error && typeof error.code === "string";
}

async function suggestion({ suggest }: Reported): Promise<string> {
  if (suggest === undefined) return "";
  const { word, among } = suggest;
  const begun = among.filter((each) => each.replace(/^-+/, "").startsWith(word.replace(/^-+/, "")));
  const { nearest } = await import("@caisson/core/errors");
  const near = nearest(word, among) ?? (begun.length === 1 ? begun[0] : undefined);
  return near === undefined ? "" : `Did you mean ${near}?`;
}

function reportFault(error: unknown, context: Context, json: boolean): number {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const hint = `This is a fault in caisson, not in your stack. Please report it with these lines (Node ${context.platform.node}, ${context.platform.os} ${context.platform.arch}).`;
  if (json)
    context.stderr.write(`${JSON.stringify({ error: { code: "E_FAULT", message: stack, hint, problems: [] } })}\n`);
  else context.stderr.write(`fault: ${stack}\n  hint: ${hint}\n`);
  return 70;
}
