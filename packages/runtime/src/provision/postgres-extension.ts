import pg from "pg";
import { ProvisionError, type Server, type StepResult } from "./step.ts";

/** SQLSTATEs of a server that has an extension's files but cannot use it: not preloaded, a library it needs is absent. */
const unusable = new Set(["0A000", "55000", "58P01", "F0000", "XX000"]);

/** Makes the extension exist in the database. An optional one that the server lacks is left out, with a note. */
export async function postgresExtension(
  server: Server,
  step: { readonly database: string; readonly extension: string; readonly optional: boolean },
): Promise<StepResult> {
  const client = await server.database(step.database);
  const { rows } = await client.query<{ installed: boolean; available: boolean; version: string }>(
    `SELECT EXISTS (SELECT FROM pg_extension WHERE extname = $1) AS installed,
            EXISTS (SELECT FROM pg_available_extensions WHERE name = $1) AS available,
            current_setting('server_version') AS version`,
    [step.extension],
  );
  const [state] = rows;
  if (state?.installed) return { changes: [] };
  const lack = `PostgreSQL ${state?.version ?? ""} has no extension ${step.extension}, asked for in database ${step.database}`;
  if (!state?.available) return leaveOut(step.optional, lack);
  // A library that must be preloaded ends the connection that asks for it.
  const creating = await server.fresh(step.database);
  try {
    await creating.query(`CREATE EXTENSION IF NOT EXISTS ${pg.escapeIdentifier(step.extension)} CASCADE`);
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || !unusable.has(error.code ?? "")) throw error;
    return leaveOut(step.optional, `${lack}: ${error.message}`);
  }
  return { changes: ["created"] };
}

function leaveOut(optional: boolean, reason: string): StepResult {
  if (!optional) throw new ProvisionError(reason);
  return { changes: [], note: reason };
}
