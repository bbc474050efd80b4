import type { Postgres } from "@caisson/kit";
import type { StreamBacklog } from "../../inbox/redis/stream-backlog.ts";
import { lagOf, shardsOfTenant, waitingColumns, type Waiting } from "../../inbox/waiting.ts";

/** How far the answers for a tenant lag, and which version of its data they show. */
export interface Freshness {
  /**
   * Age of the oldest acknowledged event that may not be in the answers yet, in seconds; 0 when there is none, `undefined`
   * while the queue cannot be asked.
   */
  readonly lagSeconds: number | undefined;
  /** Grows with every change of the tenant's data: answers of one version are equal. */
  readonly version: string;
}

/** Reads the freshness of a tenant. Asked before the data or in one snapshot with it, so that the lag is never told too small. */
export async function readFreshness(
  { pool, backlog }: { readonly pool: Pick<Postgres, "query">; readonly backlog: StreamBacklog | undefined },
  tenant: number,
): Promise<Freshness> {
  const { rows } = await pool.query<Waiting & { version: string | null } & Record<string, unknown>>(statement, [
    tenant,
  ]);
  const [row] = rows;
  return { lagSeconds: row && (await lagOf(row, backlog)), version: row?.version ?? "0" };
}

const statement = {
  name: "freshness",
  text: `select ${waitingColumns(shardsOfTenant)}, (select version from tenant_version where tenant = $1) as version`,
};
