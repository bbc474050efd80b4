import type { ClientBase } from "pg";

/** What the advisory locks of this stack are for; the second half of each lock is an id of that kind. */
const lockKinds = { writer: 0x75745f77, shard: 0x75745f73, aggregation: 0x75745f61 } as const;

/** Takes a lock that lives as long as the session; false when another session has it. */
export async function tryLock(
  client: Pick<ClientBase, "query">,
  kind: keyof typeof lockKinds,
  id: number,
): Promise<boolean> {
  const { rows } = await client.query<{ taken: boolean }>("select pg_try_advisory_lock($1, $2) as taken", [
    lockKinds[kind],
    id,
  ]);
  return rows[0]?.taken === true;
}
