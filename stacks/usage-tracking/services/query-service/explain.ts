import type { Postgres } from "@caisson/kit";
import { formatInstant, parseInstant } from "../../events/instant.ts";
import { sumNames } from "../../rollups/measures.ts";
import { endOf, startOf } from "../../rollups/periods.ts";
import { measureSql } from "../../rollups/raw-sql.ts";
import { inSnapshot, type Snapshot } from "./answer.ts";
import type { ShownEvent } from "./answers.ts";
import { pageOf, pageStatement, type EventFilter } from "./list-events.ts";
import { measuresOf } from "./measures.ts";
import { decodeCursor } from "./page-cursor.ts";
import { readSeries } from "./read-rollups.ts";
import { refusedParameter } from "./refuse.ts";

/** The checked query of an explanation. */
export interface ExplainQuery {
  readonly period: "hour" | "day";
  readonly start: string;
  readonly service_type?: string;
  readonly service_provider?: string;
  readonly user_id?: string;
  readonly limit: number;
  readonly cursor?: string;
}

/** How much of the inbox is looked through for duplicates: it holds the last ten to eighty minutes. */
const lookRows = 2000;
const lookBytes = 32 * 1024 * 1024;

/**
 * One total taken apart: the number that is kept, the same made again from the events, which of them came after their
 * period was over, and the copies that were sent and not counted, as far as the inbox reaches back.
 */
export async function explainBucket(pool: Postgres, tenant: number, query: ExplainQuery): Promise<object> {
  const start = parseInstant(query.start);
  if (start === undefined || startOf(query.period, start) !== start) {
    throw refusedParameter("start", `expected the start of a ${query.period} in UTC, as answers give it`);
  }
  const subjects = subjectsOf(query);
  const [subject = { dimension: "all" as const, key: "" }, second] = subjects;
  if (second) throw refusedParameter(second.dimension, "expected one filter at most: totals are kept by one key each");
  const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor);
  if (query.cursor !== undefined && !after) throw refusedParameter("cursor", "expected a next_cursor of ours");
  const range = { from: start, to: endOf(query.period, start) };
  const filter: EventFilter = {
    tenant,
    range,
    ...(subject.dimension !== "all" && { [subject.dimension]: subject.key }),
  };
  return inSnapshot(pool, async (client) => {
    const { totals } = await readSeries(client, { tenant, ...subject }, [range.from, range.to]);
    const recounted = await recount(client, filter);
    const { text, values } = pageStatement(filter, query.limit, after);
    const { rows } = await client.query<ShownEvent & { found: number }>(text, [...values]);
    const page = pageOf(rows);
    const kept = ["events", ...sumNames].map((name) => totals[name as keyof typeof totals]);
    return {
      period: query.period,
      from: formatInstant(range.from),
      to: formatInstant(range.to),
      ...(subject.dimension !== "all" && { [subject.dimension]: subject.key }),
      totals: measuresOf(totals),
      recount_equal: ["events", ...sumNames].every((name, index) => recounted[name] === kept[index]),
      event_count: Number(recounted["events"]),
      late_count: Number(recounted["late"]),
      duplicates: await readDuplicates(client, filter),
      ...page,
      events: page.events.map((event) => ({ ...event, late: event.received_at >= formatInstant(range.to) })),
    };
  });
}

function subjectsOf(
  query: ExplainQuery,
): { readonly dimension: "service" | "provider" | "user"; readonly key: string }[] {
  const filters = { service: query.service_type, provider: query.service_provider, user: query.user_id };
  return (["service", "provider", "user"] as const).flatMap((dimension) => {
    const key = filters[dimension];
    return key === undefined ? [] : [{ dimension, key }];
  });
}

async function recount(client: Snapshot, filter: EventFilter): Promise<Record<string, string>> {
  const sums = sumNames.map((name) => `trunc((${measureSql[name]})::numeric)::text as ${name}`).join(", ");
  const { where, values } = conditionsOf(filter);
  const { rows } = await client.query<Record<string, string>>(
    `select count(*)::text as events, ${sums}, count(*) filter (where e.received_at >= $3)::text as late
     from events e where ${where}`,
    values,
  );
  return rows[0] ?? {};
}

/**
 * Copies of the bucket's events that reached the inbox and were not counted. `since`: how far back it reaches; the gateway
 * itself turns most copies away, and those leave no trace.
 */
async function readDuplicates(client: Snapshot, filter: EventFilter): Promise<object> {
  const { where, values } = conditionsOf(filter);
  const { rows } = await client.query<{ event_id: string | null; copies: number; since: string | null }>(
    `with recent as materialized (
       select body, received_at from (
         select i.body, i.received_at, row_number() over latest as nth, sum(octet_length(i.body)) over latest as size
         from inbox_writer w
         cross join (select ($1 % count(*))::smallint as id from shard) s
         join shard_cursor c on c.shard = s.id and c.writer = w.id
         join inbox i on i.shard = s.id and i.writer = w.id and i.seq <= c.pos and i.tenant = $1 and i.codec = 1
         window latest as (order by i.received_at desc, i.seq desc)
       ) rows where nth <= ${lookRows} and size <= ${lookBytes}
     ),
     copied as (
       select e.id as event_id, count(*) filter (where r.received_at <> e.received_at)::int as copies from recent r
       cross join lateral jsonb_array_elements(convert_from(r.body, 'UTF8')::jsonb) event
       join events e on e.id = (event->>'id')::uuid where ${where} group by e.id
     )
     select since.since, copied.event_id, copied.copies
     from (select to_char(min(received_at) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as since from recent) since
     left join (select * from copied where copies > 0 order by copies desc, event_id limit 100) copied on true`,
    values,
  );
  return {
    since: rows[0]?.since ?? null,
    events: rows.flatMap(({ event_id, copies }) => (event_id === null ? [] : [{ event_id, copies }])),
  };
}

function conditionsOf({ tenant, range, service, provider, user }: EventFilter): { where: string; values: unknown[] } {
  const values: unknown[] = [tenant, formatInstant(range.from), formatInstant(range.to)];
  const parts = ["e.tenant = $1", "e.at >= $2::timestamptz", "e.at < $3::timestamptz"];
  for (const [column, value] of [
    ["service", service],
    ["provider", provider],
    ["user_id", user],
  ] as const) {
    if (value !== undefined) parts.push(`e.${column} = $${values.push(value)}`);
  }
  return { where: parts.join(" and "), values };
}
