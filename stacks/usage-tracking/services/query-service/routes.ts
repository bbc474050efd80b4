import { Type } from "@caisson/core";
import { httpProblem, type Guard, type Handles, type HttpApp, type Postgres } from "@caisson/kit";
import { serviceTypes } from "../../events/service-fields.ts";
import type { Instant } from "../../events/instant.ts";
import { formatInstant } from "../../events/instant.ts";
import type { Credential } from "../../keys/key-cache.ts";
import { aggregateAnswer, outcomeAnswer, usageAnswer, type ShownEvent } from "./answers.ts";
import type { AnswerCache } from "./answer-cache.ts";
import { answerAggregate } from "./answer-aggregate.ts";
import type { queryService } from "./contract.ts";
import { findOutcome } from "./event-outcome.ts";
import { readFreshness, type Freshness } from "./freshness.ts";
import { countStatement, pageOf, pageStatement } from "./list-events.ts";
import { decodeCursor } from "./page-cursor.ts";
import { readRange, type Range } from "./range.ts";
import { orRefuse, refusedParameter } from "./refuse.ts";

/** What the routes need. */
export interface QueryParts {
  readonly guard: Guard<Credential>;
  readonly pool: Postgres;
  readonly cache: AnswerCache | undefined;
  readonly metrics: Handles<(typeof queryService)["metrics"]>;
  readonly now: () => Instant;
}

const name = Type.Optional(Type.String({ minLength: 1, maxLength: 255 }));
const range = { from: Type.Optional(Type.String()), to: Type.Optional(Type.String()) };
const usageQuery = Type.Object({
  ...range,
  service_type: Type.Optional(Type.Enum([...serviceTypes])),
  service_provider: name,
  user_id: name,
  event_type: name,
  limit: Type.Integer({ minimum: 1, maximum: 10_000, default: 100 }),
  cursor: Type.Optional(Type.String({ maxLength: 200 })),
  include_total: Type.Boolean({ default: false }),
});
const aggregateQuery = Type.Object({
  ...range,
  period: Type.Enum(["hour", "day"]),
  service_type: Type.Optional(Type.Enum([...serviceTypes])),
  service_provider: name,
  user_id: name,
  group_by: Type.Optional(Type.Enum(["service", "provider", "user"])),
  limit: Type.Integer({ minimum: 1, maximum: 100, default: 10 }),
});
const eventId = Type.Object({ id: Type.String({ pattern: "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$" }) });

/** Adds the routes that answer queries; each sees the tenant of its key and no other. */
export function addRoutes(app: HttpApp, parts: QueryParts): void {
  const { guard, pool, metrics } = parts;
  const freshness = async (tenant: number, reply: Headers): Promise<Freshness> => {
    const fresh = await readFreshness(pool, tenant);
    reply.header("x-usage-lag-seconds", fresh.lagSeconds.toFixed(3));
    return fresh;
  };
  const timed = async <T>(query: string, answer: () => Promise<T>): Promise<T> => {
    const began = performance.now();
    const result = await answer();
    metrics.querySeconds.observe({ query }, (performance.now() - began) / 1000);
    return result;
  };

  app.get(
    "/api/v1/usage",
    {
      guard,
      summary: "Events of a range of time, newest first, page by page",
      schema: { query: usageQuery, response: { 200: usageAnswer } },
    },
    ({ identity: { tenant }, query }, reply) =>
      timed("usage", async () => {
        const wanted = orRefuse(readRange(query, parts.now()));
        const filter = {
          tenant,
          range: wanted,
          service: query.service_type,
          provider: query.service_provider,
          user: query.user_id,
          type: query.event_type,
        };
        const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor);
        if (query.cursor !== undefined && !after) throw refusedParameter("cursor", "expected a next_cursor of ours");
        await freshness(tenant, reply);
        const page = pageStatement(filter, query.limit, after);
        const { rows } = await pool.query<ShownEvent & { found: number }>(page.text, page.values);
        metrics.queries.inc({ query: "usage", cache: "none" });
        return { ...shownRange(wanted), ...pageOf(rows), ...(query.include_total && (await total(pool, filter))) };
      }),
  );
  app.get(
    "/api/v1/usage/aggregate",
    {
      guard,
      summary: "Totals per hour or day without gaps, by key if asked",
      schema: { query: aggregateQuery, response: { 200: aggregateAnswer } },
    },
    ({ identity: { tenant }, query }, reply) =>
      timed("aggregate", async () => {
        const { version } = await freshness(tenant, reply);
        const { text, from } = await answerAggregate(tenant, version, query, parts);
        metrics.queries.inc({ query: "aggregate", cache: from });
        return reply.type("application/json; charset=utf-8").send(text);
      }),
  );
  app.get(
    "/api/v1/events/:id",
    { guard, summary: "What became of one event", schema: { params: eventId, response: { 200: outcomeAnswer } } },
    ({ identity: { tenant }, params: { id } }, reply) =>
      timed("event", async () => {
        await freshness(tenant, reply);
        const outcome = await pool.transaction(async (client) => {
          // One snapshot: an event on its way from the inbox to its table is in one of them.
          await client.query("set transaction isolation level repeatable read, read only");
          return findOutcome(client, tenant, id.toLowerCase());
        });
        metrics.queries.inc({ query: "event", cache: "none" });
        if (outcome.status !== "unknown") return { event_id: id.toLowerCase(), ...outcome };
        const beyond = outcome.complete ? "" : ", and the backlog is too long to look through";
        throw httpProblem("not_found", `no event ${id} of this tenant was acknowledged${beyond}`);
      }),
  );
}

interface Headers {
  readonly header: (name: string, value: string) => unknown;
}

async function total(pool: Postgres, filter: Parameters<typeof countStatement>[0]): Promise<{ total_count: number }> {
  const { text, values } = countStatement(filter);
  const { rows } = await pool.query<{ total: string }>(text, values);
  return { total_count: Number(rows[0]?.total ?? 0) };
}

function shownRange({ from, to }: Range): { from: string; to: string } {
  return { from: formatInstant(from), to: formatInstant(to) };
}
