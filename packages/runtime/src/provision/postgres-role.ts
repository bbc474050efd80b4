import pg from "pg";
import { isVerifierOf, scramVerifier } from "../secrets/scram-verifier.ts";
import { ProvisionError, type Server, type StepResult } from "./step.ts";

/** What a program's role may do: log in, and nothing beyond the databases it owns; a replica's may read all there is to copy. */
const wanted = (replicates: boolean): string =>
  `LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE ${replicates ? "" : "NO"}REPLICATION NOBYPASSRLS VALID UNTIL 'infinity'`;

/** Makes the role exist with its password and no more rights than it needs; changes only what differs. */
export async function postgresRole(
  { admin }: Server,
  { role, password }: { readonly role: string; readonly password: string },
  replicates = false,
): Promise<StepResult> {
  const { rows } = await admin.query<{ rights: boolean; verifier: string | null; self: boolean }>(
    `SELECT rolcanlogin AND NOT (rolsuper OR rolcreatedb OR rolcreaterole OR rolbypassrls) AND rolreplication = $2
            AND coalesce(rolvaliduntil, 'infinity') = 'infinity' AS rights,
            rolpassword AS verifier, rolname = current_user AS self
     FROM pg_authid WHERE rolname = $1`,
    [role, replicates],
  );
  const [found] = rows;
  // Taking the superuser's rights away would lock everyone out.
  if (found?.self)
    throw new ProvisionError(`the role ${role} is the server's superuser; programs need a role of their own`);
  const name = pg.escapeIdentifier(role);
  const secret = `PASSWORD ${pg.escapeLiteral(scramVerifier(password))}`;
  if (!found) {
    await admin.query(`CREATE ROLE ${name} ${wanted(replicates)} ${secret}`);
    return { changes: ["created"] };
  }
  const sameSecret = found.verifier !== null && isVerifierOf(found.verifier, password);
  if (!found.rights) await admin.query(`ALTER ROLE ${name} ${wanted(replicates)}`);
  if (!sameSecret) await admin.query(`ALTER ROLE ${name} ${secret}`);
  return { changes: [...(found.rights ? [] : ["rights corrected"]), ...(sameSecret ? [] : ["password set"])] };
}
