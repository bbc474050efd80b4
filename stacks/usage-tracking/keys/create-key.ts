import type { Postgres } from "@caisson/kit";
import { generateKey, hashKey } from "./api-key.ts";
import type { KeyScope } from "./key-cache.ts";

/** Makes a key for a tenant, and the tenant where it is new. Returns the key's text: nobody can read it back later. */
export async function createKey(
  client: Pick<Postgres, "query">,
  options: {
    readonly tenant: string;
    readonly scopes: readonly KeyScope[];
    readonly environment: string;
    readonly pepper: string;
  },
): Promise<string> {
  const key = generateKey(options.environment);
  await client.query(
    `with named as (
       insert into tenant (name) values ($1) on conflict (name) do update set name = excluded.name returning id
     )
     insert into api_key (id, tenant, hash, scopes, family) select $2, id, $3, $4, $2 from named`,
    [options.tenant, key.id, hashKey(key, options.pepper), options.scopes],
  );
  return key.text;
}
