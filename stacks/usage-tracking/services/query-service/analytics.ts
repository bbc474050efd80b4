import { formatInstant, type Instant } from "../../events/instant.ts";
import type { RollupPeriod } from "../../rollups/periods.ts";
import { answer, type Answered, type AnswerParts, type Snapshot } from "./answer.ts";
import { changeOf, trendOf } from "./change.ts";
import { costsByPeriod, costsByUser, currency, money, readCosts, total } from "./costs.ts";
import { exact, type ExactNumber } from "./exact-number.ts";
import { localBuckets } from "./local-buckets.ts";
import { errorBounds, measuresOf } from "./measures.ts";
import { rangeOf, readDays, readPeriods, shownRange, type Range, type RangeInput } from "./range.ts";
import { readActiveUsers, readEvents, readRanking, readSeries, type Series } from "./read-rollups.ts";
import { orRefuse, refusedParameter } from "./refuse.ts";

/** What trends are told of. */
export type TrendMetric = "event_count" | "total_cost" | "unique_users";

/** A metric per period, and where it goes: the second half of the whole periods against the first. */
export async function answerTrends(
  parts: AnswerParts,
  tenant: number,
  query: RangeInput & { readonly metric: TrendMetric; readonly period: RollupPeriod },
): Promise<Answered> {
  const { metric, period, time_zone = "UTC" } = query;
  const now = parts.now();
  const starts = orRefuse(readPeriods(query, period, now));
  if (metric === "total_cost" && time_zone !== "UTC") {
    throw refusedParameter("time_zone", "expected UTC for total_cost: prices hold on days of UTC");
  }
  // The period that runs is shown and not compared: it would look like a fall.
  const complete = starts.slice(1).filter((end) => end <= now).length;
  const range = { metric, period, time_zone, ...shownRange(rangeOf(starts)) };
  return answer(parts, tenant, { query: "trends", ...range, complete }, async (client) => {
    const values = await readMetric(client, tenant, metric, starts, period);
    return {
      ...range,
      ...(metric === "total_cost" && { currency }),
      data_points: values.map((value, index) => ({
        start: formatInstant(starts[index] ?? 0),
        value: shownValue(metric, value),
        complete: index < complete,
      })),
      ...trendOf(values.slice(0, complete)),
    };
  });
}

async function readMetric(
  client: Snapshot,
  tenant: number,
  metric: TrendMetric,
  starts: readonly Instant[],
  period: RollupPeriod,
): Promise<bigint[]> {
  if (metric === "total_cost") {
    const [costs = []] = await readCosts(client, tenant, [starts], period);
    return costsByPeriod(costs, starts, period);
  }
  const everything = { tenant, dimension: "all", key: "" } as const;
  if (metric === "event_count") return readEvents(client, everything, starts);
  return (await readSeries(client, everything, starts)).buckets.map(({ users = "0" }) => BigInt(users));
}

/** What users are ranked by. */
export type UserMetric = "event_count" | "total_tokens" | "total_cost";

/** The users of a range of whole days in UTC with the most of something. */
export async function answerTopUsers(
  parts: AnswerParts,
  tenant: number,
  query: RangeInput & { readonly metric: UserMetric; readonly limit: number },
): Promise<Answered> {
  const { metric, limit } = query;
  const days = orRefuse(readDays(query, parts.now()));
  const range = { metric, ...shownRange(days) };
  return answer(parts, tenant, { query: "top-users", ...range, limit }, async (client) => {
    const users = await rankUsers(client, tenant, metric, limit, days);
    return {
      ...range,
      ...(metric === "total_cost" && { currency }),
      users: users.slice(0, limit).map(([user_id, value]) => ({ user_id, value: shownValue(metric, value) })),
      has_more: users.length > limit,
    };
  });
}

async function rankUsers(
  client: Snapshot,
  tenant: number,
  metric: UserMetric,
  limit: number,
  range: Range,
): Promise<readonly (readonly [user: string, bigint])[]> {
  if (metric === "total_cost") return costsByUser(client, tenant, range);
  const starts = [range.from, range.to];
  if (metric === "event_count") {
    const active = await readActiveUsers(client, { tenant, dimension: "all", limit: limit + 1 }, starts);
    return active.map(({ user_id, events }) => [user_id, BigInt(events)]);
  }
  const ranking = await readRanking(client, { tenant, dimension: "user", limit, by: "total_tokens" }, starts);
  return ranking.map(({ key, total: most }) => [key, BigInt(most)]);
}

/** A range of whole periods against as many right before it. Without `to`: up to the period that runs. */
export async function answerComparison(
  parts: AnswerParts,
  tenant: number,
  query: RangeInput & { readonly period: RollupPeriod },
): Promise<Answered> {
  const { period, time_zone = "UTC" } = query;
  const now = parts.now();
  const [running = now] = query.to === undefined ? localBuckets({ from: now, to: now + 1 }, period, time_zone) : [];
  const starts = orRefuse(readPeriods(query, period, query.to === undefined ? running : now));
  const before = previous(starts, period, time_zone);
  const shown = { period, time_zone, current: shownRange(rangeOf(starts)), previous: shownRange(rangeOf(before)) };
  return answer(parts, tenant, { query: "comparison", ...shown }, async (client) => {
    const read = ({ from, to }: Range): Promise<Series> =>
      readSeries(client, { tenant, dimension: "all", key: "" }, [from, to]);
    const [now_, then, costs] = await Promise.all([
      read(rangeOf(starts)),
      read(rangeOf(before)),
      time_zone === "UTC" ? readCosts(client, tenant, [starts, before], period) : undefined,
    ]);
    const [cost = 0n, costBefore = 0n] = costs?.map(total) ?? [];
    const withCost = (of: bigint): object => (costs ? { total_cost: money(of) } : {});
    return {
      ...shown,
      current: { ...shown.current, ...measuresOf(now_.totals), ...withCost(cost) },
      previous: { ...shown.previous, ...measuresOf(then.totals), ...withCost(costBefore) },
      ...(costs && { currency }),
      change: {
        event_count: changeOf(BigInt(then.totals.events), BigInt(now_.totals.events)),
        unique_users: changeOf(BigInt(then.totals.users ?? 0), BigInt(now_.totals.users ?? 0)),
        total_tokens: changeOf(BigInt(then.totals.total_tokens), BigInt(now_.totals.total_tokens)),
        error_count: changeOf(BigInt(then.totals.errors), BigInt(now_.totals.errors)),
        ...(costs && { total_cost: changeOf(costBefore, cost) }),
      },
      error_bounds: errorBounds,
    };
  });
}

/** As many periods as there are, right before them. */
function previous(starts: readonly Instant[], period: RollupPeriod, zone: string): readonly Instant[] {
  const [first = 0] = starts;
  const count = starts.length - 1;
  const longest = { hour: 2, day: 26, week: 7 * 24 + 2, month: 32 * 24 }[period] * 3_600_000_000;
  return localBuckets({ from: first - count * longest, to: first }, period, zone).slice(-starts.length);
}

function shownValue(metric: TrendMetric | UserMetric, value: bigint): ExactNumber {
  return metric === "total_cost" ? money(value) : exact(value.toString());
}
