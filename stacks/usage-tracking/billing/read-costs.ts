import type { ClientBase } from "pg";
import { formatInstant, type Instant } from "../events/instant.ts";
import { volumeNames } from "../rollups/measures.ts";
import { startOf } from "../rollups/periods.ts";
import { apportion, costsOf, weightOf, type Cost, type Usage } from "./cost.ts";
import type { Priced, Rule } from "./rule.ts";
import type { Volumes } from "./units.ts";

type Client = Pick<ClientBase, "query">;

/** A range of time made of whole days, or of whole hours where costs by hour are asked for. */
export interface CostRange {
  readonly from: Instant;
  readonly to: Instant;
}

/** What one user's usage of one cell on one day costs; `user` is '' for events without one. */
export interface UserCost extends Cost {
  readonly user: string;
}

const names = ["events", ...volumeNames] as const;
const volumes = names.map((name) => `${name}::text`).join(", ");
const micros = "(extract(epoch from bucket) * 1000000)::bigint as bucket";

/**
 * The usage that the costs of a range follow from: its own buckets, and the days before it in its first month. Costs by
 * week or month are sums of days.
 */
export async function readUsage(
  client: Client,
  tenant: number,
  { from, to }: CostRange,
  period: "hour" | "day",
): Promise<Usage[]> {
  const columns = `${micros}, service, provider, model, ${volumes} from rollup_model where tenant = $1`;
  const { rows } = await client.query<UsageRow>({
    name: `usage-by-${period}`,
    text: `select ${columns} and period = 'day' and bucket >= $2 and bucket < $3
      union all select ${columns} and period = '${period}' and bucket >= $3 and bucket < $4`,
    values: [tenant, formatInstant(startOf("month", from)), formatInstant(startOf("day", from)), formatInstant(to)],
  });
  return rows.map(usageOf);
}

/** What a tenant's usage in a range costs, by hour or day and cell. See {@link costsOf}. */
export async function readCosts(
  client: Client,
  tenant: number,
  range: CostRange,
  period: "hour" | "day",
  rules: readonly Rule[],
): Promise<Cost[]> {
  return costsIn(await readUsage(client, tenant, range, period), range, rules);
}

/** What usage as {@link readUsage} reads it costs in its range. */
export function costsIn(usage: readonly Usage[], { from }: CostRange, rules: readonly Rule[]): Cost[] {
  return costsOf(usage, rules).filter(({ bucket }) => bucket >= from);
}

/**
 * The same by user, of a range of whole days: the cost of a cell on a day, shared by its users in proportion to their
 * volume at the rule's highest rates. Users add up to their cell, and so to everything else, exactly.
 */
export async function readUserCosts(
  client: Client,
  tenant: number,
  range: CostRange,
  costs: readonly Cost[],
  rules: readonly Rule[],
): Promise<UserCost[]> {
  return userCostsIn(await readUserUsage(client, tenant, range), costs, rules);
}

/** The usage by user that costs of a range of whole days are shared by. */
export async function readUserUsage(client: Client, tenant: number, range: CostRange): Promise<readonly UserRow[]> {
  const { rows } = await client.query<UserRow>(
    `select ${micros}, service, provider, model, user_id, ${volumes} from rollup_user
     where tenant = $1 and bucket >= $2 and bucket < $3 order by user_id collate "C"`,
    [tenant, formatInstant(range.from), formatInstant(range.to)],
  );
  return rows;
}

/** Costs of cells and days, shared by the users of {@link readUserUsage}. */
export function userCostsIn(rows: readonly UserRow[], costs: readonly Cost[], rules: readonly Rule[]): UserCost[] {
  const byCell = Map.groupBy(rows, (row) => cellDay({ ...row, bucket: Number(row.bucket) }));
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  return costs.flatMap((cost) => {
    const users = byCell.get(cellDay(cost)) ?? [];
    const rule = byId.get(cost.rule);
    const usage = users.map(usageOf);
    const weights = usage.map((each) => (rule ? weightOf(rule, each.volumes) : 0n));
    const useful = weights.some((weight) => weight > 0n) ? weights : usage.map((each) => each.volumes.events);
    const shares = apportion(cost.cost, useful);
    return users.map(({ user_id: user }, index) => ({ ...cost, user, cost: shares[index] ?? 0n }));
  });
}

type UserRow = UsageRow & { readonly user_id: string };
type UsageRow = Priced & { readonly bucket: string } & Readonly<Record<(typeof names)[number], string>>;

function usageOf(row: UsageRow): Usage {
  // Every name is set: fromEntries only loses that in its type.
  const counted = Object.fromEntries(names.map((name) => [name, BigInt(row[name])])) as Volumes;
  const { service, provider, model } = row;
  return { bucket: Number(row.bucket), service, provider, model, volumes: counted };
}

function cellDay({ bucket, service, provider, model }: Priced & { readonly bucket: Instant }): string {
  return JSON.stringify([bucket, service, provider, model]);
}
