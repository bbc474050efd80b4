import type { Instant } from "../events/instant.ts";
import type { ServiceType } from "../events/service-fields.ts";
import type { Amount } from "./decimal.ts";
import type { Unit } from "./units.ts";

/** A price for the units from `from` up to `to` (not included; absent: without end), counted over a month. */
export interface Tier {
  readonly from: bigint;
  readonly to?: bigint;
  readonly rate: Amount;
}

/** A unit and what it costs. Tiers begin at 0 and have no gap. */
export interface Part {
  readonly unit: Unit;
  readonly tiers: readonly Tier[];
}

/** A billing rule. Effective from the beginning of a day in UTC to the beginning of another. */
export interface Rule {
  readonly id: number;
  readonly service: ServiceType;
  readonly provider?: string;
  readonly model?: string;
  readonly from: Instant;
  readonly until?: Instant;
  /** One part is multiplied; the costs of several are summed. */
  readonly parts: readonly Part[];
  /** What a month with any matching event costs at least. */
  readonly minimum: Amount;
}

/** What a rule is chosen by. */
export interface Priced {
  readonly service: string;
  readonly provider: string;
  readonly model: string;
}

/**
 * The rule for a cell at an instant: of those that match, the one that names more (a model counts more than a
 * provider). Rules that name the same never overlap, so there is one answer, or none: such usage costs nothing.
 */
export function ruleFor(rules: readonly Rule[], { service, provider, model }: Priced, at: Instant): Rule | undefined {
  let best: Rule | undefined;
  for (const rule of rules) {
    if (rule.service !== service || at < rule.from || (rule.until !== undefined && at >= rule.until)) continue;
    if (rule.provider !== undefined && rule.provider !== provider) continue;
    if (rule.model !== undefined && rule.model !== model) continue;
    if (!best || named(rule) > named(best)) best = rule;
  }
  return best;
}

function named({ provider, model }: Rule): number {
  return (model === undefined ? 0 : 2) + (provider === undefined ? 0 : 1);
}

/** True for two rules that name the same and are effective at the same time. */
export function overlap(a: Omit<Rule, "id">, b: Omit<Rule, "id">): boolean {
  if (a.service !== b.service || a.provider !== b.provider || a.model !== b.model) return false;
  return (b.until === undefined || a.from < b.until) && (a.until === undefined || b.from < a.until);
}
