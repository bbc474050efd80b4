import pg from "pg";
import type { Server, StepResult } from "./step.ts";

/** Makes the database exist, owned by its role, closed to all others, its public schema the owner's. */
export async function postgresDatabase(
  server: Server,
  step: { readonly database: string; readonly owner: string },
): Promise<StepResult> {
  const changes = [...(await ownDatabase(server.admin, step))];
  changes.push(...(await closeToPublic(server.admin, step.database)));
  changes.push(...(await ownPublicSchema(await server.database(step.database), step.owner)));
  return { changes };
}

async function ownDatabase(
  admin: pg.Client,
  { database, owner }: { database: string; owner: string },
): Promise<string[]> {
  const { rows } = await admin.query<{ owner: string }>(
    "SELECT pg_get_userbyid(datdba) AS owner FROM pg_database WHERE datname = $1",
    [database],
  );
  const [found] = rows;
  const [name, role] = [pg.escapeIdentifier(database), pg.escapeIdentifier(owner)];
  if (!found) {
    await admin.query(`CREATE DATABASE ${name} OWNER ${role}`);
    return ["created"];
  }
  if (found.owner === owner) return [];
  await admin.query(`ALTER DATABASE ${name} OWNER TO ${role}`);
  return [`owner changed from ${found.owner}`];
}

/** A new database lets every role of the server connect; grantee 0 is PUBLIC. */
async function closeToPublic(admin: pg.Client, database: string): Promise<string[]> {
  const { rowCount } = await admin.query(
    `SELECT 1 FROM pg_database, aclexplode(coalesce(datacl, acldefault('d', datdba))) AS granted
     WHERE datname = $1 AND granted.grantee = 0`,
    [database],
  );
  if (rowCount === 0) return [];
  await admin.query(`REVOKE ALL ON DATABASE ${pg.escapeIdentifier(database)} FROM PUBLIC`);
  return ["closed to other roles"];
}

/** A public schema that someone dropped stays dropped. */
async function ownPublicSchema(client: pg.Client, owner: string): Promise<string[]> {
  const { rows } = await client.query<{ owner: string; open: boolean }>(
    `SELECT pg_get_userbyid(nspowner) AS owner, EXISTS (
       SELECT FROM aclexplode(coalesce(nspacl, acldefault('n', nspowner))) AS granted
       WHERE granted.grantee = 0 AND granted.privilege_type = 'CREATE') AS open
     FROM pg_namespace WHERE nspname = 'public'`,
  );
  const [found] = rows;
  const changes: string[] = [];
  if (found && found.owner !== owner) {
    await client.query(`ALTER SCHEMA public OWNER TO ${pg.escapeIdentifier(owner)}`);
    changes.push("public schema given to the owner");
  }
  if (found?.open) {
    await client.query("REVOKE CREATE ON SCHEMA public FROM PUBLIC");
    changes.push("public schema closed to other roles");
  }
  return changes;
}
