import type { ClientBase } from "pg";

/** Says that something of these tenants changed: answers of one version are equal. */
export async function raiseVersions(client: Pick<ClientBase, "query">, tenants: readonly number[]): Promise<void> {
  await client.query(
    `insert into tenant_version (tenant, version) select unnest($1::integer[]), 1
     on conflict (tenant) do update set version = tenant_version.version + 1`,
    [tenants.toSorted((a, b) => a - b)],
  );
}
