import type { Postgres } from "@caisson/kit";
import { formatInstant, type Instant } from "../../events/instant.ts";
import type { Dimension, Period } from "../../rollups/deltas.ts";
import { groupsAnswer, groupsStatement, seriesAnswer, seriesStatement, type BucketRow } from "./aggregate.ts";
import { answerKey, type AnswerCache } from "./answer-cache.ts";
import { bucketsOf, readBuckets } from "./range.ts";
import { orRefuse, refusedParameter } from "./refuse.ts";

/** The checked query of an aggregate request. */
export interface AggregateQuery {
  readonly from?: string;
  readonly to?: string;
  readonly period: Period;
  readonly service_type?: string;
  readonly service_provider?: string;
  readonly user_id?: string;
  readonly group_by?: Exclude<Dimension, "all">;
  readonly limit: number;
}

/** What the answer is made with. */
export interface AggregateParts {
  readonly pool: Postgres;
  readonly cache: AnswerCache | undefined;
  readonly now: () => Instant;
}

/** Most entries of one grouped answer: groups times periods. */
const maxEntries = 20_000;

/** An answer as text, and whether it came from the cache (`none`: there is no cache). */
export async function answerAggregate(
  tenant: number,
  version: string,
  query: AggregateQuery,
  { pool, cache, now }: AggregateParts,
): Promise<{ readonly text: string; readonly from: "hit" | "miss" | "none" }> {
  const question = readQuestion(query, now());
  const key = answerKey(tenant, version, question);
  const kept = await cache?.get(key);
  if (kept !== undefined) return { text: kept, from: "hit" };
  const text = JSON.stringify(await compute(tenant, question, pool));
  cache?.set(key, text);
  return { text, from: cache ? "miss" : "none" };
}

type Question = {
  readonly period: Period;
  readonly from: Instant;
  readonly to: Instant;
} & (
  | { readonly group_by: Exclude<Dimension, "all">; readonly limit: number }
  | { readonly dimension: Dimension; readonly key: string }
);

/** The absolute question behind a query: equal questions are equal texts, whenever and however they were asked. */
function readQuestion(query: AggregateQuery, now: Instant): Question {
  const { period, group_by, limit } = query;
  const range = orRefuse(readBuckets(query, period, now));
  const filters = (
    [
      ["service", query.service_type],
      ["provider", query.service_provider],
      ["user", query.user_id],
    ] as const
  ).flatMap(([dimension, key]) => (key === undefined ? [] : [{ dimension, key }]));
  const [filter, second] = filters;
  if (second) throw refusedParameter(second.dimension, "expected one filter at most: totals are kept by one key each");
  if (group_by === undefined) return { period, ...range, ...(filter ?? { dimension: "all", key: "" }) };
  if (filter) throw refusedParameter("group_by", "expected no filter beside it: totals are kept by one key each");
  const entries = limit * bucketsOf(range, period).length;
  if (entries <= maxEntries) return { period, ...range, group_by, limit };
  throw refusedParameter("limit", `expected at most ${maxEntries} entries (groups x ${period}s), got ${entries}`);
}

async function compute(tenant: number, question: Question, pool: Postgres): Promise<object> {
  const { period, from, to } = question;
  const base = { tenant, period, range: { from, to } };
  const shown = { period, from: formatInstant(from), to: formatInstant(to) };
  if ("group_by" in question) {
    const grouped = { ...base, dimension: question.group_by, limit: question.limit };
    const { text, values } = groupsStatement(grouped);
    const { rows } = await pool.query<BucketRow>(text, values);
    return { ...shown, group_by: question.group_by, ...groupsAnswer(grouped, rows) };
  }
  const { text, values } = seriesStatement({ ...base, dimension: question.dimension, key: question.key });
  const { rows } = await pool.query<BucketRow>(text, values);
  const filter = question.dimension === "all" ? {} : { [question.dimension]: question.key };
  return { ...shown, ...filter, ...seriesAnswer(base, rows) };
}
