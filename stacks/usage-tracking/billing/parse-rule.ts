import { CaissonError } from "@caisson/core";
import { serviceTypes } from "../events/service-fields.ts";
import { parseAmount } from "./decimal.ts";
import type { Part, Rule, Tier } from "./rule.ts";
import { dayOf } from "./stored-rule.ts";
import { units } from "./units.ts";

/** A rule as people write it: texts by option. */
export interface WrittenRule {
  readonly service?: string | undefined;
  readonly provider?: string | undefined;
  readonly model?: string | undefined;
  readonly from?: string | undefined;
  readonly until?: string | undefined;
  readonly minimum?: string | undefined;
  /** `UNIT=RATE`, or `UNIT=FROM..TO:RATE,FROM..:RATE`. */
  readonly part?: readonly string[] | undefined;
}

/** Most parts of a rule, and tiers of a part. */
const most = 16;
const tierPattern = /^(\d{1,18})\.\.(\d{1,18})?:(.+)$/;

/** The rule that options describe. Throws one E_VALUE that names everything that is wrong. */
export function parseRule(written: WrittenRule): Omit<Rule, "id"> {
  const faults: string[] = [];
  const wrong = (option: string, expected: string, got: string | undefined): undefined => {
    faults.push(`--${option}: expected ${expected}, got ${JSON.stringify(got ?? "nothing")}`);
    return undefined;
  };
  const service = serviceTypes.find((each) => each === written.service);
  if (!service) wrong("service", `one of ${serviceTypes.join(", ")}`, written.service);
  for (const option of ["provider", "model"] as const) {
    const name = written[option];
    if (name !== undefined && (name === "" || [...name].length > 255 || !name.isWellFormed() || name.includes("\0"))) {
      wrong(option, "1 to 255 characters", name);
    }
  }
  if (written.model !== undefined && service !== "llm_service")
    wrong("model", "none: only LLMs have one", written.model);
  const from = dayOf(written.from ?? "") ?? wrong("from", "a day in UTC (2026-11-20)", written.from);
  const until = written.until === undefined ? undefined : dayOf(written.until);
  if (written.until !== undefined && (until === undefined || until <= (from ?? 0))) {
    wrong("until", "a day in UTC after --from", written.until);
  }
  const minimum = parseAmount(written.minimum ?? "0") ?? wrong("minimum", amount, written.minimum);
  const parts = (written.part ?? []).flatMap((text) => {
    const part = parsePart(text);
    return typeof part === "string" ? (wrong("part", part, text) ?? []) : part;
  });
  const used = new Set(parts.map(({ unit }) => unit));
  if ((written.part ?? []).length === 0 || (written.part ?? []).length > most) {
    wrong("part", `1 to ${most} of it (UNIT=RATE, or UNIT=FROM..TO:RATE,...)`, String(written.part?.length ?? 0));
  } else if (used.size < parts.length) wrong("part", "each unit once", written.part?.join(" "));
  if (faults.length > 0 || !service || from === undefined || minimum === undefined) {
    throw new CaissonError("E_VALUE", faults.join("; "));
  }
  const { provider, model } = written;
  return {
    service,
    ...(provider !== undefined && { provider }),
    ...(model !== undefined && { model }),
    from,
    ...(until !== undefined && { until }),
    parts,
    minimum,
  };
}

const amount = "a decimal with at most 12 places";

/** A part, or what was expected instead. */
function parsePart(text: string): Part | string {
  const [name, rates = ""] = [text.slice(0, text.indexOf("=")), text.slice(text.indexOf("=") + 1)];
  const unit = units.find((each) => each === name);
  if (!unit || !text.includes("=")) return `UNIT=... with a unit of ${units.join(", ")}`;
  if (!rates.includes("..")) {
    const rate = parseAmount(rates);
    return rate === undefined ? `UNIT=RATE with ${amount}` : { unit, tiers: [{ from: 0n, rate }] };
  }
  const tiers: Tier[] = [];
  for (const tier of rates.split(",")) {
    const [, from = "", to, rateText = ""] = tierPattern.exec(tier) ?? [];
    const rate = parseAmount(rateText);
    if (from === "" || rate === undefined) return `tiers FROM..TO:RATE of whole units and ${amount}`;
    const start = tiers.length === 0 ? 0n : tiers.at(-1)?.to;
    if (BigInt(from) !== start) return "tiers that begin at 0 and follow one another without a gap";
    if (to !== undefined && BigInt(to) <= BigInt(from)) return "tiers that end after they begin";
    tiers.push({ from: BigInt(from), ...(to !== undefined && { to: BigInt(to) }), rate });
  }
  if (tiers.at(-1)?.to !== undefined) return "a last tier without an end (FROM..:RATE)";
  return tiers.length > most ? `at most ${most} tiers` : { unit, tiers };
}
