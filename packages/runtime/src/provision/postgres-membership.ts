import pg from "pg";
import type { Server, StepResult } from "./step.ts";

/** Makes a role a member of another (`pg_monitor`), with what that may do and without the right to pass it on. */
export async function postgresMembership(
  { admin }: Server,
  { role, memberOf }: { readonly role: string; readonly memberOf: string },
): Promise<StepResult> {
  const { rowCount } = await admin.query(
    `SELECT FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid JOIN pg_roles u ON u.oid = m.member
     WHERE g.rolname = $1 AND u.rolname = $2`,
    [memberOf, role],
  );
  if (rowCount !== 0) return { changes: [] };
  await admin.query(`GRANT ${pg.escapeIdentifier(memberOf)} TO ${pg.escapeIdentifier(role)}`);
  return { changes: ["granted"] };
}
