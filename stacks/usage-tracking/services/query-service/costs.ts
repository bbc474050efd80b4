import { formatAmount, type Amount } from "../../billing/decimal.ts";
import type { Cost } from "../../billing/cost.ts";
import { costsIn, readUsage, readUserUsage, userCostsIn } from "../../billing/read-costs.ts";
import { readRules } from "../../billing/stored-rule.ts";
import { formatInstant, type Instant } from "../../events/instant.ts";
import { startOf, type RollupPeriod } from "../../rollups/periods.ts";
import { answer, type Answered, type AnswerParts, type Snapshot } from "./answer.ts";
import { exactDecimal, type ExactNumber } from "./exact-number.ts";
import { rangeOf, readPeriods, shownRange, type Range, type RangeInput } from "./range.ts";
import { orRefuse } from "./refuse.ts";

/** Prices have no currency of their own: all rules of a deployment are in this one. */
export const currency = "USD";

/** What a range cost in all, by service and by period without gaps. */
export async function answerCosts(
  parts: AnswerParts,
  tenant: number,
  query: RangeInput & { readonly group_by: RollupPeriod },
): Promise<Answered> {
  const { group_by } = query;
  const starts = orRefuse(readPeriods(query, group_by, parts.now()));
  const range = shownRange(rangeOf(starts));
  return answer(parts, tenant, { query: "costs", group_by, ...range }, async (client) => {
    const [costs = []] = await readCosts(client, tenant, [starts], group_by);
    return {
      ...range,
      group_by,
      currency,
      total_cost: money(total(costs)),
      cost_by_service: Object.fromEntries(
        [...sums(costs, ({ service }) => service)].map(([key, cost]) => [key, money(cost)]),
      ),
      cost_by_period: costsByPeriod(costs, starts, group_by).map((cost, index) => ({
        start: formatInstant(starts[index] ?? 0),
        cost: money(cost),
      })),
    };
  });
}

/** The costs of ranges that periods of UTC make up; days for all but hours. */
export async function readCosts(
  client: Snapshot,
  tenant: number,
  ranges: readonly (readonly Instant[])[],
  period: RollupPeriod,
): Promise<readonly (readonly Cost[])[]> {
  const buckets = period === "hour" ? "hour" : "day";
  const [rules, usages] = await Promise.all([
    readRules(client),
    Promise.all(ranges.map((starts) => readUsage(client, tenant, rangeOf(starts), buckets))),
  ]);
  return ranges.map((starts, index) => costsIn(usages[index] ?? [], rangeOf(starts), rules));
}

/** What each period cost. */
export function costsByPeriod(costs: readonly Cost[], starts: readonly Instant[], period: RollupPeriod): Amount[] {
  const byStart = sums(costs, ({ bucket }) => startOf(period, bucket));
  return starts.slice(0, -1).map((start) => byStart.get(start) ?? 0n);
}

/** What each user of a range of whole days cost, the dearest first. */
export async function costsByUser(
  client: Snapshot,
  tenant: number,
  range: Range,
): Promise<(readonly [user: string, Amount])[]> {
  const [rules, usage, byUsers] = await Promise.all([
    readRules(client),
    readUsage(client, tenant, range, "day"),
    readUserUsage(client, tenant, range),
  ]);
  const byUser = sums(userCostsIn(byUsers, costsIn(usage, range, rules), rules), ({ user }) => user);
  byUser.delete(""); // usage of nobody in particular
  return [...byUser].sort((a, b) => (a[1] === b[1] ? (a[0] < b[0] ? -1 : 1) : a[1] > b[1] ? -1 : 1));
}

/** The sum of amounts by a key. */
export function sums<K, T extends { readonly cost: Amount }>(
  costs: readonly T[],
  keyOf: (cost: T) => K,
): Map<K, Amount> {
  const found = new Map<K, Amount>();
  for (const cost of costs) found.set(keyOf(cost), (found.get(keyOf(cost)) ?? 0n) + cost.cost);
  return found;
}

/** The sum of all. */
export function total(costs: readonly { readonly cost: Amount }[]): Amount {
  return costs.reduce((sum, { cost }) => sum + cost, 0n);
}

/** An amount with every digit. */
export function money(amount: Amount): ExactNumber {
  return exactDecimal(formatAmount(amount));
}
