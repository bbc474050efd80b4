import { instantSql } from "../../events/instant-sql.ts";
import { formatInstant } from "../../events/instant.ts";
import type { ShownEvent } from "./answers.ts";
import { encodeCursor, type PageCursor } from "./page-cursor.ts";
import type { Range } from "./range.ts";

/** A statement and its values. */
export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** Which events of a tenant are wanted. */
export interface EventFilter {
  readonly tenant: number;
  readonly range: Range;
  readonly service?: string | undefined;
  readonly provider?: string | undefined;
  readonly user?: string | undefined;
  readonly type?: string | undefined;
}

/** The columns of {@link ShownEvent}, of a row of `events e`. */
export const shownColumns = `e.id as event_id, ${instantSql("e.at")} as timestamp,
  e.service as service_type, e.provider as service_provider, e.type as event_type, e.user_id, e.session_id, e.request_id,
  e.tags, e.metadata, e.metrics, ${instantSql("e.received_at")} as received_at`;

/** A page holds about that many bytes of metadata and metrics; at least one event is always in it. */
const pageBytes = 8 * 1024 * 1024;

/**
 * One page of events, newest first, after `cursor`: `limit` rows, or fewer where they are large. `found` of every row is
 * how many there were to choose from: more than the page has means that there is a next one.
 */
export function pageStatement(filter: EventFilter, limit: number, cursor: PageCursor | undefined): Statement {
  const { where, values } = conditions(filter);
  const after = cursor ? ` and (e.at, e.id) < ($${values.length + 1}, $${values.length + 2})` : "";
  const text = `
    select ${shownColumns}, e.found::int from (
      select *, count(*) over () as found, row_number() over newest as nth, sum(size) over newest - size as bytes_before
      from (
        select e.*, octet_length(e.metadata::text) + octet_length(e.metrics::text) as size
        from events e where ${where}${after} order by e.at desc, e.id desc limit ${limit + 1}
      ) sized
      window newest as (order by at desc, id desc)
    ) e
    where e.nth <= ${limit} and e.bytes_before < ${pageBytes} order by e.nth`;
  return { text, values: [...values, ...(cursor ? [cursor.at, cursor.id] : [])] };
}

/** A page as an answer shows it. */
export interface Page {
  readonly events: ShownEvent[];
  readonly has_more: boolean;
  /** Present where there is more: the `cursor` of the next request. */
  readonly next_cursor?: string;
}

/** The page that the rows of {@link pageStatement} are. */
export function pageOf(rows: readonly (ShownEvent & { readonly found: number })[]): Page {
  const events = rows.map(shownEvent);
  const last = rows.at(-1);
  if (!last || last.found <= rows.length) return { events, has_more: false };
  return { events, has_more: true, next_cursor: encodeCursor({ at: last.timestamp, id: last.event_id }) };
}

function shownEvent(row: ShownEvent & { found?: number }): ShownEvent {
  const { ...event } = row;
  delete event.found; // how many there were is said by has_more
  return event;
}

/** How many events there are in all, over every page. */
export function countStatement(filter: EventFilter): Statement {
  const { where, values } = conditions(filter);
  return { text: `select count(*) as total from events e where ${where}`, values };
}

/** What the rows of `events e` that are wanted have in common; `$1` is the tenant, `$2` and `$3` are the range. */
export function conditions({ tenant, range, ...names }: EventFilter): { where: string; values: unknown[] } {
  const values: unknown[] = [tenant, formatInstant(range.from), formatInstant(range.to)];
  const parts = ["e.tenant = $1", "e.at >= $2", "e.at < $3"];
  const columns = { service: "service", provider: "provider", user: "user_id", type: "type" } as const;
  for (const [name, column] of Object.entries(columns)) {
    const value = names[name as keyof typeof columns]; // Object.entries forgets the keys
    if (value !== undefined) parts.push(`e.${column} = $${values.push(value)}`);
  }
  return { where: parts.join(" and "), values };
}
