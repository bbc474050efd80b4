import { CaissonError } from "@caisson/core";
import type { Postgres } from "@caisson/kit";
import { generateKey, hashKey } from "./api-key.ts";
import { findKey } from "./find-key.ts";

// The free place of the family; a third key finds none, and of two that are made at once the unique index refuses one.
const rotate = `
  with old as (select tenant, scopes, family from api_key where id = $1 and revoked_at is null)
  insert into api_key (id, tenant, hash, scopes, family, place)
  select $2, old.tenant, $3, old.scopes, old.family, free.place from old
  cross join (select 0 as place union all select 1) free
  where not exists (
    select from api_key k where k.family = old.family and k.place = free.place and k.revoked_at is null
  )
  order by free.place limit 1
  on conflict do nothing
  returning id`;

/**
 * Makes a second key with the tenant and scopes of an active one; both work until one is revoked. Returns the new key's
 * text. Throws E_VALUE for a key that is not active, and where two are active already.
 */
export async function rotateKey(
  client: Pick<Postgres, "query">,
  options: { readonly id: string; readonly environment: string; readonly pepper: string },
): Promise<string> {
  const key = generateKey(options.environment);
  const { rows } = await client.query(rotate, [options.id, key.id, hashKey(key, options.pepper)]);
  if (rows.length > 0) return key.text;
  const old = await findKey(client, options.id);
  if (old.revoked) throw new CaissonError("E_VALUE", `expected the id of an active key, but ${options.id} is revoked`);
  throw new CaissonError("E_VALUE", `${options.id} has been rotated already; revoke the old of the two keys first`);
}
