import { formatInstant, type Instant } from "../../events/instant.ts";
import type { Dimension } from "../../rollups/deltas.ts";
import type { RollupPeriod } from "../../rollups/periods.ts";
import { answer, type Answered, type AnswerParts } from "./answer.ts";
import { errorBounds, measuresOf } from "./measures.ts";
import { rangeOf, readPeriods, shownRange, type RangeInput } from "./range.ts";
import { readGroups, readSeries, type Series } from "./read-rollups.ts";
import { filterOf, readSubject, type Filters } from "./read-subject.ts";
import { orRefuse, refusedParameter } from "./refuse.ts";

/** The checked query of an aggregate request. */
export interface AggregateQuery extends RangeInput, Filters {
  readonly period: RollupPeriod;
  readonly group_by?: Exclude<Dimension, "all">;
  readonly limit: number;
}

/** Most entries of one grouped answer: groups times periods. */
const maxEntries = 20_000;

/** Totals per period without gaps: of everything, of one key, or of the busiest keys of a dimension. */
export async function answerAggregate(parts: AnswerParts, tenant: number, query: AggregateQuery): Promise<Answered> {
  const { period, group_by, limit, time_zone = "UTC" } = query;
  const starts = orRefuse(readPeriods(query, period, parts.now()));
  const range = { period, time_zone, ...shownRange(rangeOf(starts)) };
  const subject = readSubject(tenant, query);
  if (group_by === undefined) {
    return answer(parts, tenant, { query: "aggregate", ...range, ...subject }, async (client) => ({
      ...range,
      ...filterOf(subject),
      ...shown(await readSeries(client, subject, starts), starts),
      error_bounds: errorBounds,
    }));
  }
  if (subject.dimension !== "all")
    throw refusedParameter("group_by", "expected no filter beside it: totals are kept by one key each");
  const entries = limit * (starts.length - 1);
  if (entries > maxEntries) {
    throw refusedParameter("limit", `expected at most ${maxEntries} entries (groups x ${period}s), got ${entries}`);
  }
  return answer(parts, tenant, { query: "aggregate", ...range, group_by, limit }, async (client) => {
    const groups = await readGroups(client, { tenant, dimension: group_by, limit, by: "events" }, starts);
    return {
      ...range,
      group_by,
      groups: groups.slice(0, limit).map(({ key, ...series }) => ({ key, ...shown(series, starts) })),
      has_more: groups.length > limit,
      error_bounds: errorBounds,
    };
  });
}

function shown({ totals, buckets }: Series, starts: readonly Instant[]): object {
  return {
    totals: measuresOf(totals),
    buckets: buckets.map((row, index) => ({ start: formatInstant(starts[index] ?? 0), ...measuresOf(row) })),
  };
}
