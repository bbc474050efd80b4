import { findProgram } from "../child/find-program.ts";
import type { Keep } from "../child/private-files.ts";
import { runChild } from "../child/run-child.ts";
import type { Context } from "../context.ts";

/** Opens psql; `undefined` where there is none on the PATH. Its password is in a file that only we can read. */
export async function openPsql(context: Context, url: string, keep: Keep): Promise<number | undefined> {
  const psql = findProgram("psql", context.env["PATH"] ?? "");
  if (psql === undefined) return undefined;
  const open = new URL(url);
  const { hostname, port, username, password, pathname } = open;
  const fields = [hostname, port, ...[pathname.slice(1), username, password].map(decodeURIComponent)];
  const passfile = await keep("pgpass", `${fields.map(escapeField).join(":")}\n`);
  open.password = "";
  return await runChild(context, {
    argv: [psql, open.href],
    cwd: context.cwd,
    // Of what people have set for servers of their own, these two are stronger than the file and the URL.
    env: { ...context.env, PGPASSFILE: passfile, PGPASSWORD: undefined, PGHOSTADDR: undefined },
  });
}

/** A field of .pgpass: colons and backslashes are escaped. */
function escapeField(text: string): string {
  return text.replaceAll(/[\\:]/g, "\\$&");
}
