import { createInterface } from "node:readline/promises";
import type { Context } from "./context.ts";
import { CommandError } from "./errors/command-error.ts";
import { ExitCode } from "./errors/report.ts";

/**
 * Asks a question that only yes lets pass: `y` on the terminal, or --yes. Throws E_CONFIRM where nobody can answer, and
 * E_DECLINED for any other answer; Ctrl-C ends the command with 130. `what` is a sentence, without a question mark.
 */
export async function confirm(context: Context, what: string, yes: boolean): Promise<void> {
  if (yes) return;
  if (!context.interactive)
    throw new CommandError("E_CONFIRM", `${what} needs a yes, and there is no terminal to ask on`, {
      hint: "Repeat the command with --yes once you know what it does.",
    });
  const answer = await askLine(context, `${what}? [y/N] `);
  if (context.interrupt.aborted) throw new ExitCode(130);
  if (!/^(y|yes)$/i.test(answer.trim()))
    throw new CommandError("E_DECLINED", "nothing was changed: the answer was not yes");
}

/** One line from the terminal; prompts go to stderr, for stdout is for data. Ctrl-C and end of input answer nothing. */
async function askLine({ stdin, stderr, interrupt }: Context, prompt: string): Promise<string> {
  stderr.write(prompt);
  const lines = createInterface({ input: stdin.stream, terminal: false, signal: interrupt });
  try {
    for await (const line of lines) return line;
    stderr.write("\n");
    return "";
  } finally {
    lines.close();
  }
}
