import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import type { Context } from "./context.ts";
import { ExitCode } from "./errors/report.ts";

/** One line from the terminal that is not shown; none at its end (Ctrl-D). Ctrl-C ends the command with 130. */
export async function askHidden({ stdin, stderr }: Context, prompt: string): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: stdin.stream, output: nowhere, terminal: true });
  // Only now: what is typed before the terminal is in raw mode would be shown.
  stderr.write(prompt);
  try {
    const cancelled = new Promise<never>((_, reject) => lines.once("SIGINT", () => reject(new ExitCode(130))));
    const line = lines.question("").catch(() => ""); // Ctrl-D
    return await Promise.race([line, cancelled]);
  } finally {
    lines.close();
    stderr.write("\n");
  }
}
