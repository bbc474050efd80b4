import { access, constants, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { runChild } from "../child/run-child.ts";
import type { Context } from "../context.ts";

/** Opens psql; `undefined` where there is none on the PATH. Its password is in a file that only we can read. */
export async function openPsql(context: Context, url: string): Promise<number | undefined> {
  const psql = await findProgram("psql", context.env["PATH"] ?? "");
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

async function findProgram(name: string, path: string): Promise<string | undefined> {
  for (const folder of path.split(delimiter).filter((each) => each !== "")) {
    const file = join(folder, name);
    const runs = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (runs) return file;
  }
  return undefined;
}

/** A field of .pgpass: colons and backslashes are escaped. */
function escapeField(text: string): string {
  return text.replaceAll(/[\\:]/g, "\\$&");
}
