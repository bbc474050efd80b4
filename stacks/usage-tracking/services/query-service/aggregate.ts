import { formatInstant, parseInstant, type Instant } from "../../events/instant.ts";
import type { Dimension, Period } from "../../rollups/deltas.ts";
import { sumNames } from "../../rollups/measures.ts";
import type { Statement } from "./list-events.ts";
import { bucketsOf, type Range } from "./range.ts";
import { seriesOf, sumOf, type BucketTotals, type Totals, type TotalsRow } from "./totals.ts";

/** Totals of one tenant over whole periods: of everything, or of one key of a dimension. */
export interface SeriesQuestion {
  readonly tenant: number;
  readonly period: Period;
  readonly range: Range;
  readonly dimension: Dimension;
  readonly key: string;
}

/** Totals of one tenant by the keys of a dimension, the busiest first. */
export interface GroupQuestion {
  readonly tenant: number;
  readonly period: Period;
  readonly range: Range;
  readonly dimension: Exclude<Dimension, "all">;
  readonly limit: number;
}

/** A row of `rollup` with its bucket, as the statements below give it. */
export type BucketRow = TotalsRow & { readonly bucket: string; readonly key: string };

/** A group of an answer. */
export interface Group {
  readonly key: string;
  readonly totals: Totals;
  readonly buckets: readonly BucketTotals[];
}

const sums = ["events", ...sumNames].map((name) => `r.${name}::text`).join(", ");
const bucket = `to_char(r.bucket at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as bucket`;
const inRange = "r.tenant = $1 and r.dimension = $2 and r.period = $3 and r.bucket >= $4 and r.bucket < $5";

/** The rows of a series; periods without usage have none. */
export function seriesStatement({ tenant, period, range, dimension, key }: SeriesQuestion): Statement {
  return {
    text: `select ${bucket}, r.key, ${sums} from rollup r where ${inRange} and r.key = $6 order by r.bucket`,
    values: [tenant, dimension, period, formatInstant(range.from), formatInstant(range.to), key],
  };
}

/** The rows of the busiest groups, group by group; one group more than the limit, so that `has_more` can be told. */
export function groupsStatement({ tenant, period, range, dimension, limit }: GroupQuestion): Statement {
  return {
    text: `with top as (
        select r.key, sum(r.events) as total from rollup r where ${inRange}
        group by r.key order by total desc, r.key limit $6
      )
      select ${bucket}, r.key, ${sums} from rollup r join top using (key) where ${inRange}
      order by top.total desc, r.key, r.bucket`,
    values: [tenant, dimension, period, formatInstant(range.from), formatInstant(range.to), limit + 1],
  };
}

/** The answer to a series: totals of the whole range and one entry for each period. */
export function seriesAnswer(
  { period, range }: Pick<SeriesQuestion, "period" | "range">,
  rows: readonly BucketRow[],
): { readonly totals: Totals; readonly buckets: readonly BucketTotals[] } {
  return { totals: sumOf(rows), buckets: seriesOf(bucketsOf(range, period), rows.map(withInstant)) };
}

/** The answer to groups, in the order of the rows. */
export function groupsAnswer(
  question: GroupQuestion,
  rows: readonly BucketRow[],
): { readonly groups: readonly Group[]; readonly has_more: boolean } {
  const byKey = Map.groupBy(rows, (row) => row.key);
  const groups = [...byKey].slice(0, question.limit).map(([key, own]) => ({ key, ...seriesAnswer(question, own) }));
  return { groups, has_more: byKey.size > question.limit };
}

function withInstant(row: BucketRow): TotalsRow & { readonly bucket: Instant } {
  return { ...row, bucket: parseInstant(row.bucket) ?? Number.NaN };
}
