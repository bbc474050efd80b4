import type { ClientBase } from "pg";
import { parseInstant, type Instant } from "../events/instant.ts";
import type { ServiceType } from "../events/service-fields.ts";
import { formatAmount, parseAmount } from "./decimal.ts";
import type { Rule, Tier } from "./rule.ts";
import type { Unit } from "./units.ts";

type Client = Pick<ClientBase, "query">;

interface StoredTier {
  readonly from: string;
  readonly to?: string;
  readonly rate: string;
}

/** A row of `billing_rule`. Numbers are texts: JSON's would lose digits on the way. */
interface StoredRule {
  readonly id: number;
  readonly service: ServiceType;
  readonly provider: string | null;
  readonly model: string | null;
  readonly effective_from: string;
  readonly effective_until: string | null;
  readonly parts: readonly { readonly unit: Unit; readonly tiers: readonly StoredTier[] }[];
  readonly minimum_charge: string;
}

const allRules = {
  name: "billing-rules",
  text: `select id, service, provider, model, effective_from::text, effective_until::text, parts, minimum_charge::text
    from billing_rule order by id`,
};

/** All rules, by id. */
export async function readRules(client: Client): Promise<Rule[]> {
  const { rows } = await client.query<StoredRule>(allRules);
  return rows.map(ruleOf);
}

/** Stores a rule; returns it with its id. */
export async function insertRule(client: Client, rule: Omit<Rule, "id">): Promise<Rule> {
  const parts = rule.parts.map(({ unit, tiers }) => ({ unit, tiers: tiers.map(storedTier) }));
  const { rows } = await client.query<{ id: number }>(
    `insert into billing_rule (service, provider, model, effective_from, effective_until, method, parts, minimum_charge)
     values ($1, $2, $3, $4, $5, $6, $7, $8) returning id`,
    [
      rule.service,
      rule.provider,
      rule.model,
      dateOf(rule.from),
      rule.until === undefined ? null : dateOf(rule.until),
      rule.parts.length === 1 ? "multiply" : "sum",
      JSON.stringify(parts),
      formatAmount(rule.minimum),
    ],
  );
  return { ...rule, id: rows[0]?.id ?? Number.NaN };
}

/** `2026-11-20`: the day that begins at an instant. */
export function dateOf(at: Instant): string {
  return new Date(at / 1000).toISOString().slice(0, 10);
}

/** The beginning of a day in UTC; `undefined` where the text is none. */
export function dayOf(text: string): Instant | undefined {
  return /^\d{4}-\d\d-\d\d$/.test(text) ? parseInstant(`${text}T00:00:00Z`) : undefined;
}

function ruleOf(row: StoredRule): Rule {
  return {
    id: row.id,
    service: row.service,
    ...(row.provider !== null && { provider: row.provider }),
    ...(row.model !== null && { model: row.model }),
    from: dayOf(row.effective_from) ?? Number.NaN,
    ...(row.effective_until !== null && { until: dayOf(row.effective_until) ?? Number.NaN }),
    parts: row.parts.map(({ unit, tiers }) => ({ unit, tiers: tiers.map(tierOf) })),
    minimum: parseAmount(row.minimum_charge) ?? 0n,
  };
}

function tierOf({ from, to, rate }: StoredTier): Tier {
  return { from: BigInt(from), ...(to !== undefined && { to: BigInt(to) }), rate: parseAmount(rate) ?? 0n };
}

function storedTier({ from, to, rate }: Tier): StoredTier {
  return { from: String(from), ...(to !== undefined && { to: String(to) }), rate: formatAmount(rate) };
}
