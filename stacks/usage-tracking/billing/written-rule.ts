import { formatAmount } from "./decimal.ts";
import type { Rule } from "./rule.ts";
import { dateOf } from "./stored-rule.ts";

/** A rule as JSON: days and decimals as texts. */
export function writtenRule(rule: Rule): object {
  return {
    id: rule.id,
    service_type: rule.service,
    provider: rule.provider ?? null,
    model: rule.model ?? null,
    effective_from: dateOf(rule.from),
    effective_until: rule.until === undefined ? null : dateOf(rule.until),
    method: rule.parts.length === 1 ? "multiply" : "sum",
    parts: rule.parts.map(({ unit, tiers }) => ({
      unit,
      tiered_rates: tiers.map(({ from, to, rate }) => ({
        from: String(from),
        to: to === undefined ? null : String(to),
        rate: formatAmount(rate),
      })),
    })),
    minimum_charge: formatAmount(rule.minimum),
  };
}
