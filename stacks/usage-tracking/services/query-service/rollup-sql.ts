import { formatInstant, type Instant } from "../../events/instant.ts";
import type { Dimension } from "../../rollups/deltas.ts";
import { chunkUsers } from "../../rollups/active-users.ts";
import { sumNames } from "../../rollups/measures.ts";
import { latencyUsSql, measureSql } from "../../rollups/raw-sql.ts";
import type { Statement } from "./list-events.ts";
import { runsOf, signedPiecesOf, stretchesOf, type Piece, type Run, type Stretch } from "./pieces.ts";

/*
 * All that the query service knows of the tables of totals. Rows of `rollup` and `rollup_active` answer everything; only the
 * part of an hour at which a bucket of a zone at half past begins or ends is added up from the events of that half hour.
 */

/** Whose totals: of everything (key ''), or of one key of a dimension. */
export interface Subject {
  readonly tenant: number;
  readonly dimension: Dimension;
  readonly key: string;
}

/** A statement that a connection plans once; one name is one text. */
export interface NamedStatement extends Statement {
  readonly name: string;
}

const columns = ["events", ...sumNames];
const keyColumn: Readonly<Record<Exclude<Dimension, "all">, string>> = {
  service: "e.service",
  provider: "e.provider",
  user: "e.user_id",
};

/** What statements look at: their rows say by number which of the stretches each was read for. */
export interface Looks {
  readonly stretches: readonly Stretch[];
  /** The runs of the stretches, as parameters. */
  readonly values: readonly unknown[];
}

/** The looks that buckets which follow each other are put together from: the same for all that is asked of them. */
export function looksAt(starts: readonly Instant[]): Looks {
  const stretches = stretchesOf(signedPiecesOf(starts));
  return { stretches, values: runValues(runsOf(stretches)) };
}

/** The rows that a series is added up from, as `rows`: see {@link hitsOf}. */
export function seriesStatement(subject: Subject, looks: Looks): NamedStatement {
  return rowsStatement("series", subject, looks, [rowColumns, rawColumns, hits]);
}

/** The same with how many events each counts, and nothing else. */
export function eventsStatement(subject: Subject, looks: Looks): NamedStatement {
  return rowsStatement("events", subject, looks, ["events", "count(*)", linesSql("nth", "events")]);
}

function rowsStatement(
  name: string,
  { tenant, dimension, key }: Subject,
  { stretches, values: runs }: Looks,
  [kept, raw, shown]: readonly [kept: string, raw: string, shown: string],
): NamedStatement {
  const own = dimension === "all" ? "" : `and ${keyColumn[dimension]} = $3`;
  const text = `with ${stretchesSql}
    select ${shown} as rows from (
      select r.* from piece p cross join lateral (
        select ${nthOfRow}, ${kept} from rollup where tenant = $1 and dimension = $2 and key = $3 and ${inPiece}
      ) r
      ${hasRaw(stretches) ? `union all select p.nth, ${raw} from ${rawEvents} ${own} group by p.nth` : ""}
    ) hit`;
  return {
    name: nameOf(name, stretches, dimension),
    text,
    values: [tenant, dimension, key, ...runs],
  };
}

/** Which keys of a dimension: those with the most of something. */
export interface GroupsQuestion {
  readonly tenant: number;
  readonly dimension: Exclude<Dimension, "all">;
  readonly limit: number;
  readonly by: "events" | "total_tokens";
}

/** The same of each of the busiest keys of a dimension, the busiest first; of one key more than `limit`. */
export function groupsStatement(
  { tenant, dimension, limit, by }: GroupsQuestion,
  { stretches, values: runs }: Looks,
): NamedStatement {
  const key = keyColumn[dimension];
  const text = `with ${stretchesSql},
    everyone as materialized (
      select p.weight, r.* from piece p cross join lateral (
        select ${nthOfRow}, key, ${rowColumns} from rollup where tenant = $1 and dimension = $2 and ${inPiece}
      ) r
      ${hasRaw(stretches) ? `union all select 1, p.nth, ${key}, ${rawColumns} from ${rawEvents} and ${key} is not null group by p.nth, ${key}` : ""}
    ),
    top as (
      select key, sum(weight * ${by}) as total from everyone group by key having sum(weight * events) > 0
      order by total desc, key collate "C" limit $3::int + 1
    )
    select key, ${hits} as rows from everyone join top using (key) group by key, top.total
    order by top.total desc, key collate "C"`;
  return {
    name: nameOf(`groups by ${by}`, stretches, dimension),
    text,
    values: [tenant, dimension, limit, ...runs],
  };
}

/** The busiest keys alone, with what they are ranked by; one key more than `limit`. */
export function rankingStatement(question: GroupsQuestion, { stretches, values: runs }: Looks): NamedStatement {
  const { tenant, dimension, limit, by } = question;
  return {
    name: nameOf(`ranking by ${by}`, stretches, dimension),
    text: `with ${stretchesSql} ${rankingSql(question, stretches)}`,
    values: [tenant, dimension, limit, ...runs],
  };
}

function rankingSql({ dimension, by }: GroupsQuestion, stretches: readonly Stretch[]): string {
  const key = keyColumn[dimension];
  const raw = `union all select 1, ${key}, count(*), round(${measureSql.total_tokens}) from ${rawEvents} and ${key} is not null group by ${key}`;
  return `select key, sum(weight * ${by})::text as total from (
      select p.weight, r.* from piece p cross join lateral (
        select key, events, total_tokens from rollup where tenant = $1 and dimension = $2 and ${inPiece}
      ) r
      ${hasRaw(stretches) ? raw : ""}
    ) hit group by key having sum(weight * events) > 0 order by sum(weight * ${by}) desc, key collate "C" limit $3::int + 1`;
}

/** Which keys of a dimension that users are counted by. */
export interface UsersQuestion {
  readonly tenant: number;
  readonly dimension: Exclude<Dimension, "user">;
  readonly keys: readonly string[];
}

/** The rows that different users of each key are counted from, as `rows`: see {@link activeOf}. */
export function usersStatement(
  { tenant, dimension, keys }: UsersQuestion,
  { stretches, values: runs }: Looks,
): NamedStatement {
  return {
    name: nameOf("users", stretches, dimension),
    text: `with ${stretchesSql} ${usersSql(dimension, stretches, "$3::text[]")}`,
    values: [tenant, dimension, keys, ...runs],
  };
}

/** The same rows of the keys that {@link groupsStatement} finds: ranked anew, asking for them with what was found would be one more wait. */
export function usersOfGroupsStatement(
  question: GroupsQuestion & Pick<UsersQuestion, "dimension">,
  { stretches, values: runs }: Looks,
): NamedStatement {
  const { tenant, dimension, limit, by } = question;
  return {
    name: nameOf(`users of groups by ${by}`, stretches, dimension),
    text: `with ${stretchesSql}, top as materialized (${rankingSql(question, stretches)})
      ${usersSql(dimension, stretches, "array(select key from top)")}`,
    values: [tenant, dimension, limit, ...runs],
  };
}

function usersSql(dimension: UsersQuestion["dimension"], stretches: readonly Stretch[], keys: string): string {
  const key = dimension === "all" ? "''" : keyColumn[dimension];
  const raw = `union all
      select p.nth, ${key}, u.number / ${chunkUsers}, array_agg((2048 + u.number % ${chunkUsers})::bigint)
      from ${rawEvents} join user_number u on u.tenant = e.tenant and u.user_id = e.user_id
      where ${key} = any(${keys}) group by 1, 2, 3`;
  return `select key, ${linesSql("nth", "chunk", "users")} as rows from (
      select r.* from piece p cross join lateral (
        select ${nthOfRow}, key, chunk, users from rollup_active
        where tenant = $1 and dimension = $2 and key = any(${keys}) and ${inPiece}
      ) r
      ${hasRaw(stretches) ? raw : ""}
    ) hit group by key`;
}

/**
 * The users of whole hours with the most events, of each key of a dimension, and how many there are in all. Names are
 * looked up of those alone that may be among the first `limit`.
 */
export function activeUsersStatement(
  { tenant, dimension, limit }: Pick<UsersQuestion, "tenant" | "dimension"> & { readonly limit: number },
  { values: runs }: Looks,
): NamedStatement {
  const text = `with ${stretchesSql},
    used as (
      select key, chunk * ${chunkUsers} + slot as number, events, count(*) over (partition by key) as users,
        rank() over (partition by key order by events desc) as place
      from (
        select key, chunk, (x & 2047)::integer as slot, sum(weight * (x >> 11)) as events
        from piece p cross join lateral (
          select key, chunk, users from rollup_active where tenant = $1 and dimension = $2 and ${inPiece}
        ) r cross join unnest(users) x
        group by key, chunk, slot having sum(weight * (x >> 11)) > 0
      ) c
    )
    select key, users::text, user_id, events::text from (
      select *, row_number() over (partition by key order by events desc, user_id collate "C") as nth
      from used join user_number u using (number) where u.tenant = $1 and place <= $3::int
    ) named where nth <= $3::int order by key, nth`;
  return {
    name: "active users",
    text,
    values: [tenant, dimension, limit, ...runs],
  };
}

/** Events are of one dimension; without them the dimension is a value. */
function nameOf(name: string, pieces: readonly Pick<Piece, "level">[], dimension: Dimension): string {
  return hasRaw(pieces) ? `${name}, events of ${dimension}` : name;
}

function hasRaw(pieces: readonly Pick<Piece, "level">[]): boolean {
  return pieces.some(({ level }) => level === "raw");
}

function runValues(runs: readonly Run[]): unknown[] {
  return [
    runs.map(({ nth }) => nth),
    runs.map(({ level }) => level),
    runs.map(({ from }) => formatInstant(from)),
    runs.map(({ to }) => formatInstant(to)),
    runs.map(({ weight }) => weight),
    runs.map(({ step }) => step),
  ];
}

const stretchesSql = `piece as materialized (
    select * from unnest($4::int[], $5::text[], $6::timestamptz[], $7::timestamptz[], $8::int[], $9::bigint[])
      as p (nth, period, lo, hi, weight, step)
  )`;
// Which of the run's stretches the row is of; steps are in microseconds.
const nthOfRow = "p.nth + ((extract(epoch from bucket - p.lo) * 1000000)::bigint / p.step)::int as nth";
// A look into the index for each piece: a join is guessed to be larger than it is, and reads all that a tenant ever had.
const inPiece = "period = p.period and bucket >= p.lo and bucket < p.hi offset 0";
const joinEvents = "join events e on e.tenant = $1 and p.period = 'raw' and e.at >= p.lo and e.at < p.hi";
const rawEvents = `piece p ${joinEvents}`;
const rowColumns = [...columns, "latency"].join(", ");
// One latency is an element of its own: count 1 and its slot. Sums of raw numbers may be written with decimals.
const rawColumns = `count(*), ${sumNames.map((name) => `round(${measureSql[name]})`).join(", ")},
  coalesce(array_agg(2048 + latency_slot(${latencyUsSql})) filter (where ${latencyUsSql} is not null), '{}')`;
// Added up by who asked: a sum in SQL for each bucket, and a percentile out of each, cost more than all the reading.
const hits = linesSql("nth", ...columns, "latency");

/** Rows as one text, a line each: the server sends it at once, and rows by 8 kB, each time waking who reads. */
function linesSql(...names: readonly string[]): string {
  return `string_agg(concat_ws(' ', ${names.join(", ")}), E'\\n')`;
}
