import { CaissonError } from "@caisson/core";
import type { Postgres } from "@caisson/kit";

/** Whether a key is revoked. Throws E_VALUE where no key has this id. */
export async function findKey(client: Pick<Postgres, "query">, id: string): Promise<{ readonly revoked: boolean }> {
  const { rows } = await client.query<{ revoked: boolean }>(
    "select revoked_at is not null as revoked from api_key where id = $1",
    [id],
  );
  if (rows[0]) return rows[0];
  throw new CaissonError("E_VALUE", `expected the id of a key (list-keys shows them), got ${id}`);
}
