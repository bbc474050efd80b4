import type { Instant } from "../events/instant.ts";
import { startOf } from "../rollups/periods.ts";
import type { Amount } from "./decimal.ts";
import { ruleFor, type Part, type Priced, type Rule } from "./rule.ts";
import { quantityOf, type Volumes } from "./units.ts";

/** Usage of one cell in one bucket (an hour or a day), as `rollup_model` has it. */
export interface Usage extends Priced {
  readonly bucket: Instant;
  readonly volumes: Volumes;
}

/** What the usage of one cell in one bucket costs. */
export interface Cost extends Priced {
  readonly bucket: Instant;
  readonly rule: number;
  readonly cost: Amount;
}

/**
 * What usage of one tenant costs. A rule's price for a month is a function of that month's volume alone; a bucket costs
 * what the month costs up to its end less what it costs up to its start. So costs depend neither on the order in which
 * events came nor on when rules were made, and buckets add up to their month exactly. Within a bucket a rule's cost is
 * shared by its cells in proportion to their volume at the rule's highest rates. `usage` must hold each month from its
 * beginning, in disjoint buckets; what no rule is for costs nothing and is left out.
 */
export function costsOf(usage: readonly Usage[], rules: readonly Rule[]): Cost[] {
  const costs: Cost[] = [];
  for (const [rule, months] of byRuleAndMonth(usage, rules)) {
    for (const buckets of months.values()) {
      let [before, spent] = [nothing, 0n];
      for (const bucket of [...buckets.keys()].sort((a, b) => a - b)) {
        const cells = buckets.get(bucket) ?? [];
        before = cells.reduce((sum, { volumes }) => added(sum, volumes), before);
        const upTo = priceOf(rule, before);
        costs.push(...shares(rule, upTo - spent, cells));
        spent = upTo;
      }
    }
  }
  return costs;
}

/** What a month's volume costs under a rule. */
export function priceOf(rule: Rule, volumes: Volumes): Amount {
  if (volumes.events === 0n) return 0n;
  const sum = rule.parts.reduce((all, part) => all + priceOfPart(part, rule.service, volumes), 0n);
  return sum > rule.minimum ? sum : rule.minimum;
}

/** Shares an amount in proportion to weights; the shares add up to it exactly. */
export function apportion(amount: Amount, weights: readonly bigint[]): Amount[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0n);
  if (total === 0n)
    return apportion(
      amount,
      weights.map(() => 1n),
    );
  let [upTo, given] = [0n, 0n];
  return weights.map((weight) => {
    upTo += weight;
    const share = (amount * upTo) / total - given;
    given += share;
    return share;
  });
}

/** What a share of a rule's cost is measured by: volumes at the highest rates; events, where those come to nothing. */
export function weightOf(rule: Rule, volumes: Volumes): bigint {
  return rule.parts.reduce((sum, { unit, tiers }) => {
    const { count, scale } = quantityOf(unit, rule.service, volumes);
    const highest = tiers.reduce((most, { rate }) => (rate > most ? rate : most), 0n);
    // On one scale, so that parts of different units can be compared.
    return sum + (count * highest * commonScale) / scale;
  }, 0n);
}

const commonScale = 60_000_000n;

function shares(rule: Rule, cost: Amount, cells: readonly Usage[]): Cost[] {
  const ordered = [...cells].sort(byName);
  const weights = ordered.map(({ volumes }) => weightOf(rule, volumes));
  const useful = weights.some((weight) => weight > 0n) ? weights : ordered.map(({ volumes }) => volumes.events);
  const costs = apportion(cost, useful);
  return ordered.map(({ bucket, service, provider, model }, index) => ({
    bucket,
    service,
    provider,
    model,
    rule: rule.id,
    cost: costs[index] ?? 0n,
  }));
}

function priceOfPart({ unit, tiers }: Part, service: string, volumes: Volumes): Amount {
  const { count, scale } = quantityOf(unit, service, volumes);
  const scaled = tiers.reduce((sum, { from, to, rate }) => {
    const end = to === undefined || count < to * scale ? count : to * scale;
    return end > from * scale ? sum + (end - from * scale) * rate : sum;
  }, 0n);
  // Half up, once: a third of a minute has no end of decimals.
  return (2n * scaled + scale) / (2n * scale);
}

type Buckets = Map<Instant, Usage[]>;

function byRuleAndMonth(usage: readonly Usage[], rules: readonly Rule[]): Map<Rule, Map<Instant, Buckets>> {
  const found = new Map<Rule, Map<Instant, Buckets>>();
  for (const each of usage) {
    const rule = ruleFor(rules, each, each.bucket);
    if (!rule) continue;
    const months = found.get(rule) ?? new Map<Instant, Buckets>();
    found.set(rule, months);
    const month = startOf("month", each.bucket);
    const buckets = months.get(month) ?? new Map<Instant, Usage[]>();
    months.set(month, buckets);
    buckets.set(each.bucket, [...(buckets.get(each.bucket) ?? []), each]);
  }
  return found;
}

const nothing: Volumes = {
  events: 0n,
  input_tokens: 0n,
  output_tokens: 0n,
  total_tokens: 0n,
  pages: 0n,
  bytes: 0n,
  requests: 0n,
  latency_us: 0n,
  custom_units: 0n,
};

function added(a: Volumes, b: Volumes): Volumes {
  const sum: Record<keyof Volumes, bigint> = { ...a };
  for (const name of Object.keys(nothing) as (keyof Volumes)[]) sum[name] += b[name]; // its keys are those of Volumes
  return sum;
}

function byName(a: Priced, b: Priced): number {
  for (const name of ["provider", "model"] as const) if (a[name] !== b[name]) return a[name] < b[name] ? -1 : 1;
  return 0;
}
