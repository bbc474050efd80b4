import { formatInstant, type Instant } from "../../events/instant.ts";
import type { Dimension } from "../../rollups/deltas.ts";
import type { RollupPeriod } from "../../rollups/periods.ts";
import { answer, type Answered, type AnswerParts, type Asker } from "./answer.ts";
import { errorBounds, measuresOf } from "./measures.ts";
import { readPeriods, type RangeInput } from "./range.ts";
import { readGroups, readSeries, type Series } from "./read-rollups.ts";
import { orRefuse, refusedParameter } from "./refuse.ts";

/** The checked query of an aggregate request. */
export interface AggregateQuery extends RangeInput {
  readonly period: RollupPeriod;
  readonly service_type?: string;
  readonly service_provider?: string;
  readonly user_id?: string;
  readonly group_by?: Exclude<Dimension, "all">;
  readonly limit: number;
}

/** Most entries of one grouped answer: groups times periods. */
const maxEntries = 20_000;

/** Totals per period without gaps: of everything, of one key, or of the busiest keys of a dimension. */
export async function answerAggregate(parts: AnswerParts, asker: Asker, query: AggregateQuery): Promise<Answered> {
  const { period, group_by, limit, time_zone = "UTC" } = query;
  const starts = orRefuse(readPeriods(query, period, parts.now()));
  const range = { period, time_zone, from: formatInstant(starts[0] ?? 0), to: formatInstant(starts.at(-1) ?? 0) };
  const [filter, second] = filtersOf(query);
  if (second) throw refusedParameter(second.dimension, "expected one filter at most: totals are kept by one key each");
  if (group_by === undefined) {
    const subject = { tenant: asker.tenant, ...(filter ?? { dimension: "all" as const, key: "" }) };
    const { dimension, key } = subject;
    return answer(parts, asker, { query: "aggregate", ...range, dimension, key }, async (client) => ({
      ...range,
      ...(filter && { [dimension]: key }),
      ...shown(await readSeries(client, subject, starts), starts),
      error_bounds: errorBounds,
    }));
  }
  if (filter) throw refusedParameter("group_by", "expected no filter beside it: totals are kept by one key each");
  const entries = limit * (starts.length - 1);
  if (entries > maxEntries) {
    throw refusedParameter("limit", `expected at most ${maxEntries} entries (groups x ${period}s), got ${entries}`);
  }
  return answer(parts, asker, { query: "aggregate", ...range, group_by, limit }, async (client) => {
    const groups = await readGroups(client, { tenant: asker.tenant, dimension: group_by, limit, by: "events" }, starts);
    return {
      ...range,
      group_by,
      groups: groups.slice(0, limit).map(({ key, ...series }) => ({ key, ...shown(series, starts) })),
      has_more: groups.length > limit,
      error_bounds: errorBounds,
    };
  });
}

function filtersOf(query: AggregateQuery): { readonly dimension: Dimension; readonly key: string }[] {
  const filters = { service: query.service_type, provider: query.service_provider, user: query.user_id };
  return (["service", "provider", "user"] as const).flatMap((dimension) => {
    const key = filters[dimension];
    return key === undefined ? [] : [{ dimension, key }];
  });
}

function shown({ totals, buckets }: Series, starts: readonly Instant[]): object {
  return {
    totals: measuresOf(totals),
    buckets: buckets.map((row, index) => ({ start: formatInstant(starts[index] ?? 0), ...measuresOf(row) })),
  };
}
