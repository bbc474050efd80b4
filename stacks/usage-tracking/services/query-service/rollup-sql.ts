import { formatInstant, type Instant } from "../../events/instant.ts";
import type { Dimension } from "../../rollups/deltas.ts";
import { sumNames } from "../../rollups/measures.ts";
import { latencyUsSql, measureSql } from "../../rollups/raw-sql.ts";
import type { Statement } from "./list-events.ts";
import { piecesOf, type Piece } from "./pieces.ts";

/*
 * All that the query service knows of the tables of totals. Rows of `rollup` and `active_user` answer everything; only the
 * part of an hour at which a bucket of a zone at half past begins or ends is added up from the events of that half hour.
 */

/** Whose totals: of everything (key ''), or of one key of a dimension. */
export interface Subject {
  readonly tenant: number;
  readonly dimension: Dimension;
  readonly key: string;
}

/** The index of the row that is the whole range. */
export const whole = -1;

const columns = ["events", ...sumNames];
const keyColumn: Readonly<Record<Exclude<Dimension, "all">, string>> = {
  service: "e.service",
  provider: "e.provider",
  user: "e.user_id",
};

/** Measures by bucket (`i`) and of the whole range (`i` = -1); buckets without usage have no row. */
export function seriesStatement({ tenant, dimension, key }: Subject, starts: readonly Instant[]): Statement {
  const pieces = piecesOf(starts);
  const own = dimension === "all" ? "" : `and ${keyColumn[dimension]} = $3`;
  const text = `with ${piecesSql},
    hit as materialized (
      select p.i, ${columns.map((name) => `r.${name}`).join(", ")}, r.users, r.latency
      from piece p join rollup r on r.tenant = $1 and r.dimension = $2 and r.key = $3 and r.period = p.period
        and r.bucket >= p.lo and r.bucket < p.hi
      ${hasRaw(pieces) ? `union all select p.i, ${rawColumns} from ${rawEvents} ${own} group by p.i` : ""}
    ),
    ${measuresSql([])}
    select coalesce(i, ${whole}) as i, ${shownColumns} from sums left join p95 using (g)`;
  return { text, values: [tenant, dimension, key, ...pieceValues(pieces)] };
}

/** Which keys of a dimension: those with the most of something. */
export interface GroupsQuestion {
  readonly tenant: number;
  readonly dimension: Exclude<Dimension, "all">;
  readonly limit: number;
  readonly by: "events" | "total_tokens";
}

/** The same for each of the busiest keys of a dimension, the busiest first; one key more than `limit`. */
export function groupsStatement(
  { tenant, dimension, limit, by }: GroupsQuestion,
  starts: readonly Instant[],
): Statement {
  const pieces = piecesOf(starts);
  const key = keyColumn[dimension];
  const text = `with ${piecesSql},
    everyone as materialized (
      select p.i, r.key, ${columns.map((name) => `r.${name}`).join(", ")}, r.users, r.latency
      from piece p join rollup r on r.tenant = $1 and r.dimension = $2 and r.period = p.period
        and r.bucket >= p.lo and r.bucket < p.hi
      ${hasRaw(pieces) ? `union all select p.i, ${key}, ${rawColumns} from ${rawEvents} and ${key} is not null group by p.i, ${key}` : ""}
    ),
    top as (
      select key, sum(${by}) as total from everyone group by key order by total desc, key collate "C" limit $3::int + 1
    ),
    hit as (select everyone.* from everyone join top using (key)),
    ${measuresSql(["key"])}
    select key, coalesce(i, ${whole}) as i, ${shownColumns} from sums join top using (key) left join p95 using (g, key)
    order by top.total desc, key collate "C"`;
  return { text, values: [tenant, dimension, limit, ...pieceValues(pieces)] };
}

/**
 * Different users by key and bucket and of the whole range. Where each bucket is one row of `rollup`, that row has the
 * number, and the whole range alone is counted.
 */
export function usersStatement(
  {
    tenant,
    dimension,
    keys,
  }: { readonly tenant: number; readonly dimension: "all" | "service" | "provider"; readonly keys: readonly string[] },
  starts: readonly Instant[],
): Statement {
  const [from = 0, to = 0] = [starts[0], starts.at(-1)];
  const all = piecesOf([from, to]).map((piece) => ({ ...piece, index: whole }));
  const pieces = isOneRowEach(starts) ? all : [...all, ...piecesOf(starts)];
  const key = dimension === "all" ? "''" : keyColumn[dimension];
  const text = `with ${piecesSql}
    select i, key, count(distinct user_id)::text as users from (
      select p.i, a.key, a.user_id from piece p join active_user a on a.tenant = $1 and a.dimension = $2
        and a.key = any($3::text[]) and a.period = p.period and a.bucket >= p.lo and a.bucket < p.hi
      ${hasRaw(pieces) ? `union select p.i, ${key}, e.user_id from ${rawEvents} and ${key} = any($3::text[]) and e.user_id is not null` : ""}
    ) active group by i, key`;
  return { text, values: [tenant, dimension, keys, ...pieceValues(pieces)] };
}

/** Whether every bucket is a row of `rollup`. */
export function isOneRowEach(starts: readonly Instant[]): boolean {
  const pieces = piecesOf(starts);
  return (
    pieces.length === starts.length - 1 &&
    pieces.every(({ level, from, to }) => level !== "raw" && isOne(level, from, to))
  );
}

function isOne(level: Piece["level"], from: Instant, to: Instant): boolean {
  const longest = {
    raw: 0,
    hour: 3_600_000_000,
    day: 86_400_000_000,
    week: 7 * 86_400_000_000,
    month: 31 * 86_400_000_000,
  };
  return to - from <= longest[level];
}

function hasRaw(pieces: readonly Piece[]): boolean {
  return pieces.some(({ level }) => level === "raw");
}

function pieceValues(pieces: readonly Piece[]): unknown[] {
  return [
    pieces.map(({ index }) => index),
    pieces.map(({ level }) => level),
    pieces.map(({ from }) => formatInstant(from)),
    pieces.map(({ to }) => formatInstant(to)),
  ];
}

const piecesSql = `piece as materialized (
    select * from unnest($4::int[], $5::text[], $6::timestamptz[], $7::timestamptz[]) as p (i, period, lo, hi)
  )`;
const rawEvents = `piece p join events e on e.tenant = $1 and p.period = 'raw' and e.at >= p.lo and e.at < p.hi`;
// One latency is an element of its own: count 1 and its slot.
const rawColumns = `count(*), ${sumNames.map((name) => measureSql[name]).join(", ")}, 0,
  coalesce(array_agg(2048 + latency_slot(${latencyUsSql})) filter (where ${latencyUsSql} is not null), '{}')`;
const shownColumns = `${[...columns, "users"].map((name) => `${name}::text`).join(", ")}, p95::text`;

/** `g` tells the row of the whole range from those of buckets. */
function measuresSql(keys: readonly string[]): string {
  const sets = `group by grouping sets ((${[...keys, "i"].join(", ")}), (${keys.join(", ")}))`;
  const names = [...keys, "i", `coalesce(i, ${whole}) as g`].join(", ");
  const sums = [...columns, "users"].map((name) => `coalesce(sum(${name}), 0) as ${name}`).join(", ");
  return `sums as (select ${names}, ${sums} from hit ${sets}),
    p95 as (
      select ${[...keys, `coalesce(i, ${whole}) as g`].join(", ")}, latency_quantile(array_agg(x), 0.95) as p95
      from hit cross join lateral unnest(latency) x ${sets}
    )`;
}
