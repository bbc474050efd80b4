import { postgresRole } from "./postgres-role.ts";
import type { Server, StepResult } from "./step.ts";

/** What a replica follows its primary by: a role that may replicate and nothing else, and a slot that remembers how far it got. */
export async function postgresReplication(
  server: Server,
  { role, password, slot }: { readonly role: string; readonly password: string; readonly slot: string },
): Promise<StepResult> {
  const { changes } = await postgresRole(server, { role, password }, true);
  const { rowCount } = await server.admin.query(
    "SELECT pg_create_physical_replication_slot($1) WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = $1)",
    [slot],
  );
  return { changes: [...changes, ...(rowCount === 0 ? [] : ["slot created"])] };
}
