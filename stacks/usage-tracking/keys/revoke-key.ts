import type { Postgres } from "@caisson/kit";
import { findKey } from "./find-key.ts";

/** Revokes a key for good; a second time changes nothing. Throws E_VALUE where no key has this id. */
export async function revokeKey(client: Pick<Postgres, "query">, id: string): Promise<void> {
  const { rowCount } = await client.query(
    "update api_key set revoked_at = now() where id = $1 and revoked_at is null",
    [id],
  );
  if (rowCount === 0) await findKey(client, id);
}
