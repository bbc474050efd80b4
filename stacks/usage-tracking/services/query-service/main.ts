import { runService } from "@caisson/kit";
import { createStreamBacklog } from "../../inbox/redis/stream-backlog.ts";
import { createAuthenticate } from "../../keys/authenticate.ts";
import { createKeyCache } from "../../keys/key-cache.ts";
import { keyGuard } from "../../keys/key-guard.ts";
import { createAnswerCache } from "./answer-cache.ts";
import { queryService } from "./contract.ts";
import { addEventRoutes } from "./event-routes.ts";
import type { QueryParts } from "./serve-answer.ts";
import { addTotalRoutes } from "./total-routes.ts";

await runService(queryService, async ({ app, config, health, log, metrics, postgres }) => {
  const pool = postgres(config.databaseUrl, { size: 8, statementTimeoutMs: 15_000 });
  const cache =
    config.redisUrl === undefined
      ? undefined
      : await createAnswerCache(config.redisUrl, (error) => log.debug({ err: error }, "the cache is away"));
  if (cache) health.check("cache", cache.check, { required: false });
  const backlog =
    config.queueUrl === undefined
      ? undefined
      : await createStreamBacklog(config.queueUrl, (error) => log.debug({ err: error }, "the queue is away"));
  if (backlog) health.check("queue", backlog.check, { required: false });
  const parts: QueryParts = {
    guard: keyGuard(
      "read",
      createAuthenticate(
        pool,
        createKeyCache(() => performance.now()),
        config.apiKeyPepper,
      ),
    ),
    pool,
    cache,
    backlog,
    metrics,
    now: () => Date.now() * 1000,
  };
  addEventRoutes(app, parts);
  addTotalRoutes(app, parts);
  return () => {
    cache?.close();
    backlog?.close();
  };
});
