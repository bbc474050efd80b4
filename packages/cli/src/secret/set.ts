import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { askHidden } from "../ask-hidden.ts";
import type { Context } from "../context.ts";
import { CommandError } from "../errors/command-error.ts";
import type { Chosen } from "./run-secret.ts";

/** Stores a value from a file, from stdin, or typed without being shown. */
export async function setSecret(
  context: Context,
  { secrets, secret }: Chosen,
  file: string | undefined,
): Promise<void> {
  secrets.setProvided(secret.name, await valueOf(context, secret.name, file));
  context.stderr.write(`${secret.name} is set; what uses it takes it up at the next \`caisson up\`\n`);
}

/** Bytes as they are: what is no text is refused, not read as something else. */
async function valueOf(context: Context, name: string, file: string | undefined): Promise<string | Uint8Array> {
  if (file !== undefined) {
    const path = resolve(context.cwd, file);
    try {
      return await readFile(path);
    } catch (cause) {
      throw new CommandError("E_FILE", `--from-file: expected a file to read, but ${path} cannot be read`, { cause });
    }
  }
  if (context.stdin.isTTY) return await askHidden(context, `value of ${name} (not shown): `);
  const chunks: Buffer[] = [];
  for await (const chunk of context.stdin.stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}
