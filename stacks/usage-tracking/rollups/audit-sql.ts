import { chunkUsers } from "./active-users.ts";
import { dimensions, type Dimension } from "./deltas.ts";
import { sumNames, volumeNames } from "./measures.ts";
import type { RollupPeriod } from "./periods.ts";
import { latencyUsSql, measureSql, modelSql } from "./raw-sql.ts";

/** A kept total that differs from what it should be, as the statements below give it. `null`: that side has no row. */
export interface Drift {
  readonly what: string;
  readonly tenant: number;
  readonly key: string;
  readonly expected_events: string | null;
  readonly kept_events: string | null;
}

const keyOf: Readonly<Record<Dimension, string>> = {
  all: "''",
  service: "e.service",
  provider: "e.provider",
  user: "e.user_id",
};
const withUsers = dimensions.filter((dimension) => dimension !== "user");
const sums = ["events", ...sumNames];
const volumes = ["events", ...volumeNames];
const cell = ["tenant", "service", "provider", "model"];
const activeKey = ["tenant", "dimension", "key", "chunk"];
const inRange = "at >= $1 and at < $2";
const rawSums = sumNames.map((name) => `${measureSql[name]} as ${name}`).join(", ");
const rawVolumes = volumeNames.map((name) => `${measureSql[name]} as ${name}`).join(", ");
const slotAndCount = "array_agg((n * 2048 + slot)::bigint order by slot)";
const countsOf = (array: string): string =>
  `(select ${slotAndCount} from (select x & 2047 as slot, sum(x >> 11) as n from unnest(${array}) x group by 1) s)`;

/**
 * Statements that find every total of one bucket (from $1 to $2) that differs from what it should be, on either side:
 * hours from raw events, days from hours, weeks and months from days. All that is compared commits together, so in one
 * statement's snapshot there is no difference, however busy the processor is.
 */
export const driftSql: Readonly<Record<RollupPeriod, readonly string[]>> = {
  hour: [totalsFromEvents(), modelsFromEvents(), usersFromEvents()],
  day: [totalsFrom("hour", "day"), modelsFromHours(), volumesByUser(), usersFrom("hour", "day")],
  week: [totalsFrom("day", "week"), usersFrom("day", "week")],
  month: [totalsFrom("day", "month"), usersFrom("day", "month")],
};

function totalsFromEvents(): string {
  const of = (dimension: Dimension, columns: string): string =>
    `select e.tenant, '${dimension}' as dimension, ${keyOf[dimension]} as key, ${columns}
     from events e where ${inRange} ${dimension === "user" ? "and e.user_id is not null" : ""}`;
  const totals = dimensions.map((dimension) => `${of(dimension, `count(*) as events, ${rawSums}`)} group by 1, 3`);
  const slots = dimensions.map((dimension) => `${of(dimension, `latency_slot(${latencyUsSql}) as slot`)}`);
  return `with totals as (${totals.join(" union all ")}),
    latencies as (
      select tenant, dimension, key, ${slotAndCount} as latency from (
        select tenant, dimension, key, slot, count(*) as n from (${slots.join(" union all ")}) e
        where slot is not null group by 1, 2, 3, 4
      ) s group by 1, 2, 3
    ),
    expected as (select * from totals left join latencies using (tenant, dimension, key)),
    kept as (${keptTotals("hour")})
    ${differing("hour", ["tenant", "dimension", "key"], [...sums, "latency"])}`;
}

function totalsFrom(part: RollupPeriod, period: RollupPeriod): string {
  const of = `from rollup where period = '${part}' and bucket >= $1 and bucket < $2`;
  return `with totals as (
      select tenant, dimension, key, ${sums.map((name) => `sum(${name}) as ${name}`).join(", ")} ${of} group by 1, 2, 3
    ),
    latencies as (
      select tenant, dimension, key, ${slotAndCount} as latency from (
        select tenant, dimension, key, x & 2047 as slot, sum(x >> 11) as n
        from (select tenant, dimension, key, unnest(latency) as x ${of}) e group by 1, 2, 3, 4
      ) s group by 1, 2, 3
    ),
    expected as (select * from totals left join latencies using (tenant, dimension, key)),
    kept as (${keptTotals(period)})
    ${differing(period, ["tenant", "dimension", "key"], [...sums, "latency"])}`;
}

function keptTotals(period: RollupPeriod): string {
  return `select tenant, dimension, key, ${sums.join(", ")}, ${countsOf("latency")} as latency
    from rollup where period = '${period}' and bucket = $1 and $2::timestamptz is not null`;
}

function modelsFromEvents(): string {
  return `with expected as (
      select e.tenant, e.service, e.provider, ${modelSql} as model, count(*) as events, ${rawVolumes}
      from events e where ${inRange} group by 1, 2, 3, 4
    ),
    kept as (select ${[...cell, ...volumes].join(", ")} from rollup_model where period = 'hour' and bucket = $1)
    ${differing("hour of a model", cell, volumes)}`;
}

function modelsFromHours(): string {
  return `with expected as (
      select ${cell.join(", ")}, ${volumes.map((name) => `sum(${name}) as ${name}`).join(", ")}
      from rollup_model where period = 'hour' and bucket >= $1 and bucket < $2 group by 1, 2, 3, 4
    ),
    kept as (select ${[...cell, ...volumes].join(", ")} from rollup_model where period = 'day' and bucket = $1)
    ${differing("day of a model", cell, volumes)}`;
}

function volumesByUser(): string {
  const names = [...cell, "user_id", "cell"];
  const id = `encode(substring(sha256(convert_to(e.service, 'UTF8') || '\\x00' || convert_to(e.provider, 'UTF8') || '\\x00'
    || convert_to(${modelSql}, 'UTF8')) for 16), 'hex')::uuid`;
  return `with expected as (
      select e.tenant, e.service, e.provider, ${modelSql} as model, coalesce(e.user_id, '') as user_id, ${id} as cell,
        count(*) as events, ${rawVolumes}
      from events e where ${inRange} group by 1, 2, 3, 4, 5
    ),
    kept as (select ${[...names, ...volumes].join(", ")} from rollup_user where bucket = $1)
    ${differing("day of a user", names, volumes)}`;
}

/** An event whose user has no number is a difference: it is in no chunk. */
function usersFromEvents(): string {
  const of = withUsers.map(
    (dimension) => `select e.tenant, '${dimension}' as dimension, ${keyOf[dimension]} as key,
        u.number / ${chunkUsers} as chunk, u.number % ${chunkUsers} as slot, 1 as n
      from events e left join user_number u using (tenant, user_id) where ${inRange} and e.user_id is not null`,
  );
  return active("hour", of.join(" union all "));
}

function usersFrom(part: RollupPeriod, period: RollupPeriod): string {
  return active(
    period,
    `select ${activeKey.join(", ")}, x & 2047 as slot, x >> 11 as n
     from rollup_active cross join unnest(users) x where period = '${part}' and bucket >= $1 and bucket < $2`,
  );
}

/** `counted`: how many events (`n`) of a slot. */
function active(period: RollupPeriod, counted: string): string {
  return `with expected as (
      select ${activeKey.join(", ")}, sum(n) as events, ${slotAndCount} as users from (
        select ${activeKey.join(", ")}, slot, sum(n) as n from (${counted}) c group by ${activeKey.join(", ")}, slot
      ) s group by ${activeKey.join(", ")}
    ),
    kept as (
      select ${activeKey.join(", ")}, (select sum(x >> 11) from unnest(users) x) as events, ${countsOf("users")} as users
      from rollup_active where period = '${period}' and bucket = $1 and $2::timestamptz is not null
    )
    ${differing(`active users of a ${period}`, activeKey, ["users"])}`;
}

/** Rows of the CTEs `expected` and `kept` that differ. */
function differing(what: string, key: readonly string[], values: readonly string[]): string {
  const same = values.map((name) => `expected.${name} is not distinct from kept.${name}`).join(" and ");
  const shown = key.filter((name) => name !== "tenant").map((name) => `${name}::text`);
  return `select '${what}' as what, tenant, concat_ws(' ', ${shown.join(", ")}) as key,
      expected.events as expected_events, kept.events as kept_events
    from expected full join kept using (${key.join(", ")})
    where not (${same})`;
}
