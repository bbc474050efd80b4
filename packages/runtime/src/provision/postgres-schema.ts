import pg from "pg";
import type { Server, StepResult } from "./step.ts";

/** Makes a schema exist in the database, owned by a role. */
export async function postgresSchema(
  server: Server,
  { database, schema, owner }: { readonly database: string; readonly schema: string; readonly owner: string },
): Promise<StepResult> {
  const client = await server.database(database);
  const { rows } = await client.query<{ owner: string }>(
    "SELECT pg_get_userbyid(nspowner) AS owner FROM pg_namespace WHERE nspname = $1",
    [schema],
  );
  const [found] = rows;
  const [name, role] = [pg.escapeIdentifier(schema), pg.escapeIdentifier(owner)];
  if (!found) {
    await client.query(`CREATE SCHEMA ${name} AUTHORIZATION ${role}`);
    return { changes: ["created"] };
  }
  if (found.owner === owner) return { changes: [] };
  await client.query(`ALTER SCHEMA ${name} OWNER TO ${role}`);
  return { changes: [`owner changed from ${found.owner}`] };
}
