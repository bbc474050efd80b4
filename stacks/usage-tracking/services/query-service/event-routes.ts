import { Type } from "@caisson/core";
import { httpProblem, type HttpApp } from "@caisson/kit";
import { uncached } from "./answer.ts";
import { explainAnswer, outcomeAnswer, usageAnswer, type ShownEvent } from "./answers.ts";
import { readOutcome } from "./event-outcome.ts";
import { explainBucket } from "./explain.ts";
import { countStatement, pageOf, pageStatement, type EventFilter } from "./list-events.ts";
import { readCursor } from "./page-cursor.ts";
import { filters, page, range } from "./parameters.ts";
import { readRange, shownRange } from "./range.ts";
import { orRefuse } from "./refuse.ts";
import { serveAnswer, type QueryParts } from "./serve-answer.ts";

const usageQuery = Type.Object({
  ...range,
  ...filters,
  event_type: filters.user_id,
  ...page(100, 10_000),
  include_total: Type.Boolean({ default: false }),
});
const eventId = Type.Object({ id: Type.String({ pattern: "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$" }) });
const explainQuery = Type.Object({
  period: Type.Enum(["hour", "day"]),
  start: Type.String({ description: "The start of a bucket in UTC" }),
  ...filters,
  ...page(100, 1000),
});

/** Adds the routes that show events themselves. */
export function addEventRoutes(app: HttpApp, parts: QueryParts): void {
  const { guard, pool } = parts;
  app.get(
    "/api/v1/usage",
    {
      guard,
      summary: "Events of a range of time, newest first, page by page",
      schema: { query: usageQuery, response: { 200: usageAnswer } },
    },
    ({ identity, query }, reply) =>
      serveAnswer(parts, "usage", identity, reply, (tenant) =>
        uncached(parts, tenant, async () => {
          const wanted = orRefuse(readRange(query, parts.now()));
          const filter: EventFilter = {
            tenant,
            range: wanted,
            service: query.service_type,
            provider: query.service_provider,
            user: query.user_id,
            type: query.event_type,
          };
          const { text, values } = pageStatement(filter, query.limit, readCursor(query.cursor));
          const { rows } = await pool.query<ShownEvent & { found: number }>(text, values);
          const shown = { ...shownRange(wanted), ...pageOf(rows) };
          if (!query.include_total) return shown;
          const count = countStatement(filter);
          const counted = await pool.query<{ total: string }>(count.text, count.values);
          return { ...shown, total_count: Number(counted.rows[0]?.total ?? 0) };
        }),
      ),
  );
  app.get(
    "/api/v1/events/:id",
    {
      guard,
      summary: "What became of one event",
      schema: { params: eventId, response: { 200: outcomeAnswer } },
    },
    ({ identity, params: { id } }, reply) =>
      serveAnswer(parts, "event", identity, reply, (tenant) =>
        uncached(parts, tenant, async () => {
          const outcome = await readOutcome(parts, tenant, id.toLowerCase());
          if (outcome.status !== "unknown") return { event_id: id.toLowerCase(), ...outcome };
          const beyond = outcome.complete ? "" : ", and the backlog could not be looked through";
          throw httpProblem("not_found", `no event ${id} of this tenant was acknowledged${beyond}`);
        }),
      ),
  );
  app.get(
    "/api/v1/usage/explain",
    {
      guard,
      summary: "One total taken apart: its events, late arrivals and copies that were not counted",
      schema: { query: explainQuery, response: { 200: explainAnswer } },
    },
    ({ identity, query }, reply) =>
      serveAnswer(parts, "explain", identity, reply, (tenant) =>
        uncached(parts, tenant, () => explainBucket(pool, tenant, query)),
      ),
  );
}
