import pg from "pg";
import { ProvisionError, type Server, type StepResult } from "./step.ts";

interface Access {
  readonly database: string;
  readonly role: string;
  /** Who makes what is in the schemas: rights on it hold for what comes later, too. */
  readonly owner: string;
  /** Schemas it may read. */
  readonly read: readonly string[];
  /** Schemas it may read and change rows in. */
  readonly write: readonly string[];
}

/** Gives a role what is listed in a database and takes from it what is not; a role that owns something keeps that. */
export async function postgresAccess(server: Server, access: Access): Promise<StepResult> {
  const client = await server.database(access.database);
  const { role, owner, read, write } = access;
  const { rows } = await client.query<{ schema: string }>(
    "SELECT nspname AS schema FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'",
  );
  const schemas = rows.map(({ schema }) => schema);
  const absent = [...read, ...write].find((schema) => !schemas.includes(schema));
  if (absent !== undefined)
    throw new ProvisionError(`the database ${access.database} has no schema ${absent}, which ${role} shall reach`);
  const differs = await client.query(difference, [role, owner, [...read, ...write], write]);
  if (differs.rowCount === 0) return { changes: [] };
  await client.query("BEGIN");
  try {
    for (const statement of statements(access, schemas)) await client.query(statement);
    await client.query("COMMIT");
  } catch (error) {
    // Of a connection that is gone the server does the same.
    await client.query("ROLLBACK").catch(() => undefined);
    throw error;
  }
  return { changes: ["rights set"] };
}

/** What of the rights is missing or too much, one row each; none where all is as it should be. */
const difference = `
WITH role AS (SELECT oid FROM pg_roles WHERE rolname = $1),
  schema AS (SELECT oid, nspname = ANY($4::text[]) AS writes FROM pg_namespace WHERE nspname = ANY($3::text[])),
  "right" AS (
    SELECT oid, kind, privilege FROM schema, (VALUES
      ('r', 'SELECT', false), ('r', 'INSERT', true), ('r', 'UPDATE', true), ('r', 'DELETE', true),
      ('S', 'SELECT', false), ('S', 'USAGE', true)) AS each (kind, privilege, writing)
    WHERE writes OR NOT writing),
  relation AS (
    SELECT oid, relnamespace, relacl, CASE relkind WHEN 'S' THEN 'S' ELSE 'r' END AS kind
    FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND relowner <> (SELECT oid FROM role)
      AND relnamespace IN (SELECT oid FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema')),
  wanted AS (
    SELECT 'database' AS of, oid, '' AS kind, 'CONNECT' AS privilege FROM pg_database WHERE datname = current_database()
    UNION SELECT 'schema', oid, '', 'USAGE' FROM schema
    UNION SELECT 'relation', relation.oid, kind, privilege FROM relation JOIN "right" USING (kind) WHERE relnamespace = "right".oid
    UNION SELECT 'later', oid, kind, privilege FROM "right"),
  granted AS (
    SELECT 'database' AS of, d.oid, '' AS kind, privilege_type AS privilege, grantee
      FROM pg_database d, aclexplode(datacl) WHERE datname = current_database()
    UNION SELECT 'schema', n.oid, '', privilege_type, grantee
      FROM pg_namespace n, aclexplode(nspacl) WHERE nspname !~ '^pg_' AND nspowner <> (SELECT oid FROM role)
    UNION SELECT 'relation', relation.oid, kind, privilege_type, grantee FROM relation, aclexplode(relacl)
    UNION SELECT 'later', defaclnamespace, defaclobjtype::text, privilege_type, grantee FROM pg_default_acl, aclexplode(defaclacl)
      WHERE defaclrole = (SELECT oid FROM pg_roles WHERE rolname = $2) AND defaclobjtype IN ('r', 'S')),
  has AS (SELECT of, oid, kind, privilege FROM granted WHERE grantee = (SELECT oid FROM role))
(SELECT * FROM wanted EXCEPT SELECT * FROM has) UNION ALL (SELECT * FROM has EXCEPT SELECT * FROM wanted)`;

function statements({ database, role, owner, read, write }: Access, schemas: readonly string[]): string[] {
  const [to, by] = [pg.escapeIdentifier(role), pg.escapeIdentifier(owner)];
  const each = (schema: string, verb: "GRANT" | "REVOKE", tables: string, sequences: string): string[] => {
    const name = pg.escapeIdentifier(schema);
    const whom = `${verb === "GRANT" ? "TO" : "FROM"} ${to}`;
    const later = `ALTER DEFAULT PRIVILEGES FOR ROLE ${by} IN SCHEMA ${name}`;
    return [
      `${verb} ${verb === "GRANT" ? "USAGE" : "ALL"} ON SCHEMA ${name} ${whom}`,
      `${verb} ${tables} ON ALL TABLES IN SCHEMA ${name} ${whom}`,
      `${verb} ${sequences} ON ALL SEQUENCES IN SCHEMA ${name} ${whom}`,
      `${later} ${verb} ${tables} ON TABLES ${whom}`,
      `${later} ${verb} ${sequences} ON SEQUENCES ${whom}`,
    ];
  };
  const on = pg.escapeIdentifier(database);
  return [
    `REVOKE ALL ON DATABASE ${on} FROM ${to}`,
    `GRANT CONNECT ON DATABASE ${on} TO ${to}`,
    ...schemas.flatMap((schema) => each(schema, "REVOKE", "ALL", "ALL")),
    ...read.flatMap((schema) => each(schema, "GRANT", "SELECT", "SELECT")),
    ...write.flatMap((schema) => each(schema, "GRANT", "SELECT, INSERT, UPDATE, DELETE", "SELECT, USAGE")),
  ];
}
