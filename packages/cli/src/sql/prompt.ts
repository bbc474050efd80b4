import { createInterface } from "node:readline/promises";
import type { Context } from "../context.ts";
import { CommandError } from "../errors/command-error.ts";
import { errorText } from "../errors/report.ts";
import type { SqlClient } from "./client.ts";
import { resultText } from "./result-text.ts";

/** A plain prompt: a statement ends with a semicolon at a line's end, `\q` or Ctrl-D leaves. An error leaves the session open. */
export async function prompt({ stdin, stdout, stderr, interrupt }: Context, client: SqlClient): Promise<number> {
  const lines = createInterface({ input: stdin.stream, terminal: false });
  interrupt.addEventListener("abort", () => lines.close(), { once: true });
  let statement = "";
  const ask = (): void => void stderr.write(statement === "" ? "sql> " : "...> ");
  ask();
  for await (const line of lines) {
    if (statement === "" && /^\s*\\q\s*$/.test(line)) break;
    statement += `${line}\n`;
    if (/;\s*$/.test(line)) {
      try {
        stdout.write(resultText(await client.run(statement), "table", stdout));
      } catch (error) {
        if (!(error instanceof CommandError)) throw error;
        stderr.write(errorText(error.code, error.message, error.hint, stderr));
      }
      statement = "";
    }
    ask();
  }
  stderr.write("\n");
  return interrupt.aborted ? 130 : 0;
}
