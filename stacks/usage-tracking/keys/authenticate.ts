import { hash } from "node:crypto";
import type { Postgres } from "@caisson/kit";
import { hashKey, parseKey, sameHash } from "./api-key.ts";
import type { Credential, KeyCache, KeyScope } from "./key-cache.ts";

/** The credential of a presented key, or `undefined`. Throws when the database had to be asked and did not answer. */
export type Authenticate = (presented: string) => Promise<Credential | undefined>;

/** Checks keys against the database, through the cache. A text that is no key is refused without asking anybody. */
export function createAuthenticate(pool: Pick<Postgres, "query">, cache: KeyCache, pepper: string): Authenticate {
  return async (presented) => {
    const key = parseKey(presented);
    if (!key) return undefined;
    // The cache knows keys by a hash that is made at once; the keyed one, which is stored, costs ten times as much.
    const cacheKey = hash("sha256", presented, "base64");
    const known = cache.get(cacheKey);
    if (known !== undefined) return known ?? undefined;
    const keyed = hashKey(key, pepper);
    const found = await pool.query<Row>(
      `select k.tenant, t.name, k.hash, k.scopes, k.family from api_key k join tenant t on t.id = k.tenant
       where k.id = $1 and k.revoked_at is null`,
      [key.id],
    );
    const [row] = found.rows;
    const credential = row && sameHash(row.hash, keyed) ? credentialOf(row) : null;
    cache.set(cacheKey, credential);
    return credential ?? undefined;
  };
}

interface Row extends Omit<Credential, "tenantName"> {
  readonly name: string;
  readonly hash: Buffer;
  // The table's own check allows no other scopes.
  readonly scopes: readonly KeyScope[];
}

function credentialOf({ tenant, name, scopes, family }: Row): Credential {
  return { tenant, tenantName: name, scopes, family };
}

/** The key a request presents, in `X-API-Key` or as a bearer token; `undefined` for none, and for two that differ. */
export function presentedKey(headers: Readonly<Record<string, string | string[] | undefined>>): string | undefined {
  const own = headers["x-api-key"];
  const bearer = /^Bearer +(\S+)$/i.exec(String(headers["authorization"] ?? ""))?.[1];
  if (typeof own === "string" && bearer !== undefined) return own === bearer ? own : undefined;
  return typeof own === "string" ? own : bearer;
}
