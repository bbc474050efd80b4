import { CaissonError } from "@caisson/core";
import type { ClientBase } from "pg";
import { formatInstant, type Instant } from "../events/instant.ts";
import { endOf, startOf } from "../rollups/periods.ts";
import { costsOf, type Usage } from "./cost.ts";
import { formatAmount, type Amount } from "./decimal.ts";
import { readUsage } from "./read-costs.ts";
import { overlap, type Rule } from "./rule.ts";
import { dateOf, insertRule, readRules } from "./stored-rule.ts";
import { lockBilling, refreshSummary } from "./summary.ts";

type Client = Pick<ClientBase, "query">;

/** A tenant's month that costs something else since a change. Amounts are decimal texts. */
export interface Recomputed {
  readonly tenant: string;
  readonly month: string;
  readonly old_total: string;
  readonly new_total: string;
}

/** What a change of the rules came to. */
export interface RuleChange {
  readonly rule: Rule;
  readonly recomputed: readonly Recomputed[];
}

/**
 * Adds a rule and recomputes what it changes, inside the caller's transaction. Throws E_VALUE where it overlaps a rule
 * that names the same, or would change a month that is finalised.
 */
export async function addRule(client: Client, wanted: Omit<Rule, "id">): Promise<RuleChange> {
  await lockBilling(client);
  const old = await readRules(client);
  const other = old.find((rule) => overlap(rule, wanted));
  if (other) {
    const until = other.until === undefined ? "" : ` until ${dateOf(other.until)}`;
    throw new CaissonError(
      "E_VALUE",
      `expected a rule that overlaps no other, but rule ${other.id} names the same and is effective from ${dateOf(other.from)}${until}`,
      { hint: `end it first: billing-rule end --id ${other.id} --until ${dateOf(wanted.from)}` },
    );
  }
  const rule = await insertRule(client, wanted);
  return { rule, recomputed: await recompute(client, rule, rule.from, old, [...old, rule]) };
}

/** Ends a rule at the beginning of a day and recomputes what that changes, inside the caller's transaction. */
export async function endRule(client: Client, id: number, until: Instant): Promise<RuleChange> {
  await lockBilling(client);
  const old = await readRules(client);
  const found = old.find((rule) => rule.id === id);
  if (!found) throw new CaissonError("E_VALUE", `expected the id of a billing rule, got ${id}`);
  if (until <= found.from || (found.until !== undefined && until >= found.until)) {
    const range = `${dateOf(found.from)} and before ${found.until === undefined ? "ever" : dateOf(found.until)}`;
    throw new CaissonError("E_VALUE", `expected a day after ${range} to end rule ${id}, got ${dateOf(until)}`);
  }
  await client.query("update billing_rule set effective_until = $2 where id = $1", [id, dateOf(until)]);
  const rule = { ...found, until };
  const next = old.map((each) => (each.id === id ? rule : each));
  return { rule, recomputed: await recompute(client, found, until, old, next) };
}

/** Recomputes the months since `from` in which a rule's service was used, and tells those that cost something else. */
async function recompute(
  client: Client,
  rule: Rule,
  from: Instant,
  old: readonly Rule[],
  next: readonly Rule[],
): Promise<Recomputed[]> {
  const { rows } = await client.query<{ tenant: number; name: string; bucket: string; finalized: boolean }>(
    `select r.tenant, t.name, (extract(epoch from r.bucket) * 1000000)::bigint as bucket,
       coalesce(s.is_finalized, false) as finalized
     from rollup r join tenant t on t.id = r.tenant
     left join billing_summary s on s.tenant = r.tenant and s.month = (r.bucket at time zone 'UTC')::date
     where r.dimension = 'service' and r.period = 'month' and r.key = $1 and r.bucket >= $2
       and r.bucket < coalesce($3, 'infinity'::timestamptz) order by r.tenant, r.bucket`,
    [rule.service, formatInstant(startOf("month", from)), rule.until === undefined ? null : formatInstant(rule.until)],
  );
  const recomputed: Recomputed[] = [];
  for (const { tenant, name, bucket, finalized } of rows) {
    const month = Number(bucket);
    const usage = await readUsage(client, tenant, { from: month, to: endOf("month", month) }, "day");
    const [before, after] = [totalOf(usage, old), totalOf(usage, next)];
    if (before === after) continue;
    if (finalized) {
      throw new CaissonError(
        "E_VALUE",
        `expected a change that leaves finalised months as they are, but it changes ${dateOf(month)} of tenant ${name} from ${formatAmount(before)} to ${formatAmount(after)}`,
        { hint: "let it take effect after the last finalised month" },
      );
    }
    await client.query(
      `insert into tenant_version (tenant, version) values ($1, 1)
       on conflict (tenant) do update set version = tenant_version.version + 1`,
      [tenant],
    );
    await refreshSummary(client, tenant, month, next, false);
    const totals = { old_total: formatAmount(before), new_total: formatAmount(after) };
    recomputed.push({ tenant: name, month: dateOf(month).slice(0, 7), ...totals });
  }
  return recomputed;
}

function totalOf(usage: readonly Usage[], rules: readonly Rule[]): Amount {
  return costsOf(usage, rules).reduce((sum, { cost }) => sum + cost, 0n);
}
