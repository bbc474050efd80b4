import { Type } from "@caisson/core";
import type { HttpApp } from "@caisson/kit";
import { answerComparison, answerTopUsers, answerTrends } from "./analytics.ts";
import { uncached } from "./answer.ts";
import { answerAggregate } from "./answer-aggregate.ts";
import { answerServices } from "./answer-services.ts";
import {
  aggregateAnswer,
  comparisonAnswer,
  costsAnswer,
  servicesAnswer,
  summariesAnswer,
  topUsersAnswer,
  trendsAnswer,
} from "./answers.ts";
import { answerCosts } from "./costs.ts";
import { filters, limit, period, range, timeZone } from "./parameters.ts";
import { serveAnswer, type QueryParts } from "./serve-answer.ts";
import { readSummaries } from "./summaries.ts";

const periodOr = (usual: "day") => Type.Enum([...period.enum], { default: usual });
const aggregateQuery = Type.Object({
  ...range,
  ...timeZone,
  period,
  ...filters,
  group_by: Type.Optional(Type.Enum(["service", "provider", "user"])),
  ...limit(10, 100),
});
const servicesQuery = Type.Object(range);
const costsQuery = Type.Object({ ...range, group_by: periodOr("day") });
const trendsQuery = Type.Object({
  ...range,
  ...timeZone,
  metric: Type.Enum(["event_count", "total_cost", "unique_users"]),
  period: periodOr("day"),
});
const topUsersQuery = Type.Object({
  ...range,
  metric: Type.Enum(["event_count", "total_tokens", "total_cost"], { default: "event_count" }),
  ...limit(10, 100),
});
const comparisonQuery = Type.Object({ ...range, ...timeZone, period: periodOr("day") });
const summariesQuery = Type.Object(limit(13, 120));

/** Adds the routes that answer from totals. */
export function addTotalRoutes(app: HttpApp, parts: QueryParts): void {
  const { guard } = parts;
  app.get(
    "/api/v1/usage/aggregate",
    {
      guard,
      summary: "Totals per period without gaps, in any time zone, by key if asked",
      schema: { query: aggregateQuery, response: { 200: aggregateAnswer } },
    },
    ({ identity, query }, reply) =>
      serveAnswer(parts, "aggregate", identity, reply, (tenant) => answerAggregate(parts, tenant, query)),
  );
  app.get(
    "/api/v1/usage/by-service",
    {
      guard,
      summary: "Each service: how much, at what cost, by how many users, and by whom most",
      schema: { query: servicesQuery, response: { 200: servicesAnswer } },
    },
    ({ identity, query }, reply) =>
      serveAnswer(parts, "by-service", identity, reply, (tenant) => answerServices(parts, tenant, query)),
  );
  app.get(
    "/api/v1/usage/costs",
    {
      guard,
      summary: "Costs in all, by service and by period of UTC",
      schema: { query: costsQuery, response: { 200: costsAnswer } },
    },
    ({ identity, query }, reply) =>
      serveAnswer(parts, "costs", identity, reply, (tenant) => answerCosts(parts, tenant, query)),
  );
  app.get(
    "/api/v1/analytics/trends",
    {
      guard,
      summary: "A metric per period, and whether it goes up or down",
      schema: { query: trendsQuery, response: { 200: trendsAnswer } },
    },
    ({ identity, query }, reply) =>
      serveAnswer(parts, "trends", identity, reply, (tenant) => answerTrends(parts, tenant, query)),
  );
  app.get(
    "/api/v1/analytics/top-users",
    {
      guard,
      summary: "The users with the most events, tokens or costs",
      schema: { query: topUsersQuery, response: { 200: topUsersAnswer } },
    },
    ({ identity, query }, reply) =>
      serveAnswer(parts, "top-users", identity, reply, (tenant) => answerTopUsers(parts, tenant, query)),
  );
  app.get(
    "/api/v1/analytics/comparison",
    {
      guard,
      summary: "A range of whole periods against as many right before it",
      schema: { query: comparisonQuery, response: { 200: comparisonAnswer } },
    },
    ({ identity, query }, reply) =>
      serveAnswer(parts, "comparison", identity, reply, (tenant) => answerComparison(parts, tenant, query)),
  );
  app.get(
    "/api/v1/billing/summaries",
    {
      guard,
      summary: "What each month came to, as billing keeps it; newest first",
      schema: { query: summariesQuery, response: { 200: summariesAnswer } },
    },
    ({ identity, query }, reply) =>
      serveAnswer(parts, "summaries", identity, reply, (tenant) =>
        uncached(parts, tenant, () => readSummaries(parts.pool, tenant, query.limit)),
      ),
  );
}
