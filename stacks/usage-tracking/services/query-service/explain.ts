import type { Postgres } from "@caisson/kit";
import { instantSql } from "../../events/instant-sql.ts";
import { parseInstant } from "../../events/instant.ts";
import { jsonCodec } from "../../events/stored-event.ts";
import { shardsOfTenant } from "../../inbox/waiting.ts";
import { sumNames } from "../../rollups/measures.ts";
import { endOf, startOf } from "../../rollups/periods.ts";
import { measureSql } from "../../rollups/raw-sql.ts";
import type { Snapshot } from "./answer.ts";
import type { ShownEvent } from "./answers.ts";
import { conditions, pageOf, pageStatement, type EventFilter } from "./list-events.ts";
import { measuresOf } from "./measures.ts";
import { readCursor } from "./page-cursor.ts";
import { shownRange } from "./range.ts";
import { readSeries } from "./read-rollups.ts";
import { filterOf, readSubject, type Filters } from "./read-subject.ts";
import { refusedParameter } from "./refuse.ts";

/** The checked query of an explanation. */
export interface ExplainQuery extends Filters {
  readonly period: "hour" | "day";
  readonly start: string;
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
  const subject = readSubject(tenant, query);
  const after = readCursor(query.cursor);
  const range = { from: start, to: endOf(query.period, start) };
  const filter: EventFilter = { tenant, range, ...filterOf(subject) };
  const shown = shownRange(range);
  const { text, values } = pageStatement(filter, query.limit, after);
  return pool.atOnce(async (client) => {
    const [{ totals }, recounted, { rows }, duplicates] = await Promise.all([
      readSeries(client, subject, [range.from, range.to]),
      recount(client, filter),
      client.query<ShownEvent & { found: number }>(text, [...values]),
      readDuplicates(client, filter),
    ]);
    const page = pageOf(rows);
    return {
      period: query.period,
      ...shown,
      ...filterOf(subject),
      totals: measuresOf(totals),
      recount_equal: (["events", ...sumNames] as const).every((name) => recounted[name] === totals[name]),
      event_count: Number(recounted["events"]),
      late_count: Number(recounted["late"]),
      duplicates,
      ...page,
      events: page.events.map((event) => ({ ...event, late: event.received_at >= shown.to })),
    };
  });
}

async function recount(client: Snapshot, filter: EventFilter): Promise<Record<string, string>> {
  const sums = sumNames.map((name) => `trunc((${measureSql[name]})::numeric)::text as ${name}`).join(", ");
  const { where, values } = conditions(filter);
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
  const { where, values } = conditions(filter);
  const { rows } = await client.query<{ event_id: string | null; copies: number; since: string | null }>(
    `with recent as materialized (
       select body, received_at from (
         select i.body, i.received_at, row_number() over latest as nth, sum(octet_length(i.body)) over latest as size
         from inbox_writer w
         cross join ${shardsOfTenant} s
         join shard_cursor c on c.shard = s.id and c.writer = w.id
         join inbox i on i.shard = s.id and i.writer = w.id and i.seq <= c.pos and i.tenant = $1 and i.codec = ${jsonCodec}
         window latest as (order by i.received_at desc, i.seq desc)
       ) rows where nth <= ${lookRows} and size <= ${lookBytes}
     ),
     copied as (
       select e.id as event_id, count(*) filter (where r.received_at <> e.received_at)::int as copies from recent r
       cross join lateral jsonb_array_elements(convert_from(r.body, 'UTF8')::jsonb) event
       join events e on e.id = (event->>'id')::uuid where ${where} group by e.id
     )
     select since.since, copied.event_id, copied.copies
     from (select ${instantSql("min(received_at)")} as since from recent) since
     left join (select * from copied where copies > 0 order by copies desc, event_id limit 100) copied on true`,
    values,
  );
  return {
    since: rows[0]?.since ?? null,
    events: rows.flatMap(({ event_id, copies }) => (event_id === null ? [] : [{ event_id, copies }])),
  };
}
