import { dimensions, type Dimension } from "./deltas.ts";
import { measureSql, sumNames } from "./measures.ts";

const keyOf: Readonly<Record<Dimension, string>> = {
  all: "''",
  service: "e.service",
  provider: "e.provider",
  user: "e.user_id",
};
const sums = ["events", ...sumNames];

/**
 * Rows of `rollup` of one hour ($1) that differ from what the raw events of that hour add up to, on either side. Both
 * commit together, so in one statement's snapshot there must be none, however busy the processor is.
 */
export const hourDrift = `
  with raw as (${dimensions.map(rawOf).join(" union all ")}),
  kept as (
    select tenant, dimension, key, ${sums.join(", ")} from rollup where period = 'hour' and bucket = $1
  )
  ${differing("raw", "kept")}`;

/** Rows of `rollup` of one day ($1) that differ from the sum of its hours, on either side. */
export const dayDrift = `
  with hours as (
    select tenant, dimension, key, ${sums.map((name) => `sum(${name}) as ${name}`).join(", ")} from rollup
    where period = 'hour' and bucket >= $1 and bucket < $1::timestamptz + interval '24 hours'
    group by tenant, dimension, key
  ),
  kept as (
    select tenant, dimension, key, ${sums.join(", ")} from rollup where period = 'day' and bucket = $1
  )
  ${differing("hours", "kept")}`;

function rawOf(dimension: Dimension): string {
  const columns = sumNames.map((name) => `${measureSql[name]} as ${name}`).join(", ");
  return `select e.tenant, '${dimension}' as dimension, ${keyOf[dimension]} as key, count(*) as events, ${columns}
    from events e
    where e.at >= $1 and e.at < $1::timestamptz + interval '1 hour' ${dimension === "user" ? "and e.user_id is not null" : ""}
    group by 1, 3`;
}

function differing(expected: string, got: string): string {
  const same = sums.map((name) => `${expected}.${name} = ${got}.${name}`).join(" and ");
  return `select tenant, dimension, key,
      ${expected}.events as expected_events, ${got}.events as kept_events
    from ${expected} full join ${got} using (tenant, dimension, key)
    where (${same}) is not true`;
}
