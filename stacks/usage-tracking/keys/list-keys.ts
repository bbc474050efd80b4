import type { Postgres } from "@caisson/kit";

/** A key as it is listed: nothing of it is secret. */
export interface ListedKey {
  readonly id: string;
  readonly tenant: string;
  readonly scopes: string;
  readonly state: string;
  readonly created: string;
  /** The id of the first key of its rotations. */
  readonly family: string;
}

/** All keys, of one tenant if asked, oldest first within a family. */
export async function listKeys(client: Pick<Postgres, "query">, tenant?: string): Promise<readonly ListedKey[]> {
  const { rows } = await client.query<ListedKey & Record<string, string>>(
    `select k.id, t.name as tenant, array_to_string(k.scopes, ',') as scopes,
       case when k.revoked_at is null then 'active' else 'revoked ' || ${utc("k.revoked_at")} end as state,
       ${utc("k.created_at")} as created, k.family
     from api_key k join tenant t on t.id = k.tenant
     where $1::text is null or t.name = $1
     order by t.name, k.family, k.created_at, k.id`,
    [tenant ?? null],
  );
  return rows;
}

function utc(column: string): string {
  return `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`;
}
