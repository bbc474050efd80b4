import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findProgram } from "../child/find-program.ts";
import { runChild } from "../child/run-child.ts";
import type { Context } from "../context.ts";

/** Opens psql; `undefined` where there is none on the PATH. Its password is in a file that only we can read. */
export async function openPsql(context: Context, url: string): Promise<number | undefined> {
  const psql = findProgram("psql", context.env["PATH"] ?? "");
  if (psql === undefined) return undefined;
  const { hostname, port, username, password, pathname } = new URL(url);
  const database = decodeURIComponent(pathname.slice(1));
  const user = decodeURIComponent(username);
  const folder = await mkdtemp(join(tmpdir(), "caisson-sql-"));
  try {
    const passfile = join(folder, "pgpass");
    const line = [hostname, port, database, user, decodeURIComponent(password)].map(escapeField).join(":");
    await writeFile(passfile, `${line}\n`, { mode: 0o600, flag: "wx" });
    return await runChild(context, {
      argv: [psql, "-h", hostname, "-p", port, "-U", user, "-d", database],
      cwd: context.cwd,
      env: { ...context.env, PGPASSFILE: passfile },
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A field of .pgpass: colons and backslashes are escaped. */
function escapeField(text: string): string {
  return text.replaceAll(/[\\:]/g, "\\$&");
}
