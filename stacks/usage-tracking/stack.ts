import { command, defineStack, job, nginx, postgres, profile, redis, secret, service, Type, uses } from "@caisson/core";
import { aggregationService } from "./services/aggregation-service/contract.ts";
import { apiGateway } from "./services/api-gateway/contract.ts";
import { billingRule } from "./services/billing-rule/contract.ts";
import { createKey } from "./services/create-key/contract.ts";
import { deadLetters } from "./services/dead-letters/contract.ts";
import { eventProcessor } from "./services/event-processor/contract.ts";
import { listKeys } from "./services/list-keys/contract.ts";
import { migrate } from "./services/migrate/contract.ts";
import { queryService } from "./services/query-service/contract.ts";
import { revokeKey } from "./services/revoke-key/contract.ts";
import { rotateKey } from "./services/rotate-key/contract.ts";
import { gatewayAlerts, processorAlerts, totalsAlerts } from "./monitoring/alerts.ts";
import { monitoring } from "./monitoring/monitoring.ts";
import { eventPanels } from "./monitoring/panels.ts";

const params = Type.Object({
  /** Ports people know; each moves to a free one when it is taken. */
  edgePort: Type.Integer({ minimum: 1, maximum: 65_535, default: 8080 }),
  postgresPort: Type.Integer({ minimum: 1, maximum: 65_535, default: 5432 }),
  /** The part of an API key that tells test keys from live ones. */
  keyEnvironment: Type.String({ pattern: "^[a-z0-9]{1,16}$", default: "dev" }),
  /** An event that comes that many seconds after its time is marked late; it counts all the same. */
  lateAfterSeconds: Type.Integer({ minimum: 1, default: 86_400 }),
  /** Requests to the gateway a minute and at once, of one key; a request may bring 1,000 events. */
  rateLimitPerMinute: Type.Integer({ minimum: 1, default: 1000 }),
  rateLimitBurst: Type.Integer({ minimum: 1, default: 100 }),
  /** Nothing is taken in while events wait longer than that, or (unless 0) while the database is larger. */
  maxLagSeconds: Type.Integer({ minimum: 1, default: 3600 }),
  databaseMaxBytes: Type.Integer({ minimum: 0, default: 0 }),
  /** Events of one transaction of the processor, at most. */
  batchEvents: Type.Integer({ minimum: 1, maximum: 200_000, default: 100_000 }),
  /** Where acknowledged events wait for the processor: the database, or streams of a Redis of its own. */
  queue: Type.Union([Type.Literal("postgres"), Type.Literal("redis")], { default: "postgres" }),
  /** Rest between two sweeps of the audit, in seconds. */
  auditEverySeconds: Type.Integer({ minimum: 1, maximum: 86_400, default: 600 }),
  /** CPUs of each replica of a service; 0: as many as the host has. */
  serviceCpus: Type.Number({ minimum: 0, default: 0 }),
  /** From which level on the services write log lines. */
  logLevel: Type.Union([Type.Literal("debug"), Type.Literal("info"), Type.Literal("warn")], { default: "info" }),
  /** Processors that work at once, each on its own tenants. It can grow, not shrink. */
  shards: Type.Integer({ minimum: 1, maximum: 4, default: 1 }),
  /** Days that events, totals and dead letters are kept; days after its end that a month is finalised. */
  eventDays: Type.Integer({ minimum: 31, maximum: 36_500, default: 365 }),
  rollupDays: Type.Integer({ minimum: 366, maximum: 36_500, default: 1095 }),
  deadLetterDays: Type.Integer({ minimum: 1, maximum: 36_500, default: 30 }),
  finalizeAfterDays: Type.Integer({ minimum: 0, maximum: 365, default: 7 }),
  /** An address that gets every alert, as Alertmanager posts them; empty: none. */
  alertWebhook: Type.String({ pattern: "^(https?://.+)?$", default: "" }),
});

/** Usage events in over HTTP, exact totals out: PostgreSQL is all it needs, Redis makes repeated questions cheaper. */
export default defineStack(
  "usage-tracking",
  { params, environments: { dev: {}, prod: { keyEnvironment: "live", serviceCpus: 0.5 } } },
  ({
    edgePort,
    postgresPort,
    keyEnvironment,
    lateAfterSeconds,
    rateLimitPerMinute,
    rateLimitBurst,
    maxLagSeconds,
    databaseMaxBytes,
    batchEvents,
    queue,
    serviceCpus,
    logLevel,
    shards,
    alertWebhook,
    ...upkeep
  }) => {
    const db = postgres("postgres", { database: "usage_tracking", user: "usage_user", port: postgresPort });
    const cache = redis("redis", { role: "cache", optional: true, maxMemory: "512MB", eviction: "allkeys-lru" });
    const streams = queue === "redis" ? [redis("queue", { role: "queue", port: 6380, maxMemory: "512MB" })] : [];
    const [queueUrl] = streams.map((each) => ({ queueUrl: each.streams }));
    const [seenQueueUrl] = streams.map((each) => ({ queueUrl: uses(each.streams) }));
    const apiKeyPepper = secret("api-key-pepper");
    const schema = job(migrate, { config: { databaseUrl: db.url, shards }, pools: [{ of: db, size: 2 }] });
    const runs = { limits: { memory: "512MB", ...(serviceCpus > 0 && { cpus: serviceCpus }) }, logLevel } as const;

    const ingest = { lateAfterSeconds, rateLimitPerMinute, rateLimitBurst, maxLagSeconds, databaseMaxBytes };
    const gateway = service(apiGateway, {
      config: { databaseUrl: db.url, apiKeyPepper, ...ingest, ...queueUrl },
      after: [schema],
      // A pool of four for keys, two connections that write the inbox.
      pools: [{ of: db, size: 6 }],
      ...runs,
      public: true,
      alerts: gatewayAlerts,
      panels: eventPanels,
    });
    const queries = service(queryService, {
      config: { databaseUrl: db.url, apiKeyPepper, redisUrl: uses(cache.url), ...seenQueueUrl },
      after: [schema],
      pools: [{ of: db, size: 8 }],
      ...runs,
      public: true,
    });
    const processor = service(eventProcessor, {
      config: { databaseUrl: db.url, batchEvents, shards, ...queueUrl },
      after: [schema],
      // One process a shard, any of which can take over them all: one connection owns a shard, one reads ahead.
      replicas: shards,
      pools: [{ of: db, size: 2 * shards + 1 }],
      ...runs,
      alerts: processorAlerts,
    });
    const aggregation = service(aggregationService, {
      config: { databaseUrl: db.url, ...upkeep },
      after: [schema],
      // One replica leads, held by a connection of its own.
      pools: [{ of: db, size: 3 }],
      ...runs,
      alerts: totalsAlerts,
    });
    const onKeys = { after: [schema], pools: [{ of: db, size: 1 }] } as const;
    const makesKeys = { config: { databaseUrl: db.url, apiKeyPepper, keyEnvironment }, ...onKeys };
    const onDatabase = { config: { databaseUrl: db.url }, ...onKeys };
    const commands = [
      ...[createKey, rotateKey].map((each) => command(each, makesKeys)),
      ...[listKeys, revokeKey, billingRule, deadLetters].map((each) => command(each, onDatabase)),
    ];
    const edge = nginx("nginx", {
      port: edgePort,
      // Longer prefixes win: events go in at the gateway, one event is read back from the query service.
      routes: {
        // Ids make sending an event twice harmless.
        "/api/v1/events": { to: gateway, idempotent: true },
        "/api/v1/events/batch": { to: gateway, idempotent: true },
        "/api/v1/events/": queries,
        "/api/v1/usage": queries,
        "/api/v1/analytics": queries,
        "/api/v1/billing": queries,
      },
    });
    return [
      db,
      cache,
      ...streams,
      schema,
      [gateway, processor, queries, aggregation],
      ...commands,
      profile("production", [edge]),
      profile("monitoring", monitoring({ db, cache, streams, edge, alertWebhook })),
    ];
  },
);
