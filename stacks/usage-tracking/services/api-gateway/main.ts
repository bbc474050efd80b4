import { runService } from "@caisson/kit";
import { createGroupCommit, type GroupCommit } from "../../inbox/group-commit.ts";
import { createStreamBacklog } from "../../inbox/redis/stream-backlog.ts";
import { queueOf } from "../../inbox/queue-of.ts";
import { createAuthenticate } from "../../keys/authenticate.ts";
import { createKeyCache } from "../../keys/key-cache.ts";
import { keyGuard } from "../../keys/key-guard.ts";
import { admitRequests } from "./admit.ts";
import { createBodyBudget } from "./body-budget.ts";
import { apiGateway } from "./contract.ts";
import { createIdempotency } from "./idempotency.ts";
import { leaseFromPostgres } from "./lease-tokens.ts";
import { watchPressure } from "./pressure.ts";
import { createRateLimiter } from "./rate-limit.ts";
import { createRecentIds } from "./recent-ids.ts";
import { addRoutes } from "./routes.ts";

const mebibyte = 1024 * 1024;

await runService(apiGateway, async ({ app, config, health, log, loop, metrics, postgres }) => {
  const pool = postgres(config.databaseUrl, { size: 4 });
  // The writers outlive the drain signal: requests in hand still have to be committed.
  const stop = new AbortController();
  let commit: GroupCommit | undefined;
  const queue = queueOf(config, async () => {
    const { rows } = await pool.query<{ shards: number }>("select count(*)::int as shards from shard");
    return rows[0]?.shards ?? 1;
  });
  const writers = [1, 2].map((nth) =>
    queue.startWriter({
      signal: stop.signal,
      onReady: () => {
        log.info({ writer: nth }, "inbox writer connected");
        check.recheck();
        commit?.wake();
      },
      onLost: (error) => {
        log.debug({ err: error, writer: nth }, "inbox writer lost its connection");
        check.recheck();
        commit?.wake();
      },
    }),
  );
  const check = health.check("inbox", async () => {
    if (!writers.some((writer) => writer.ready)) throw new Error("no inbox writer has a connection");
  });
  commit = createGroupCommit(writers, {
    pendingBytes: 32 * mebibyte,
    groupItems: 256,
    groupBytes: 4 * mebibyte,
  });
  const backlog =
    config.queueUrl === undefined
      ? undefined
      : await createStreamBacklog(config.queueUrl, (error) => log.debug({ err: error }, "the queue is away"));
  const rate = { perMinute: config.rateLimitPerMinute, burst: config.rateLimitBurst };
  admitRequests(app, {
    rate,
    limiter: createRateLimiter(rate, leaseFromPostgres(pool, rate), () => performance.now()),
    pressure: watchPressure(loop, { pool, backlog }, config, {
      onLag: metrics.lagSeconds.set,
      onDatabaseBytes: metrics.databaseBytes.set,
    }),
    metrics,
  });
  const idempotency = createIdempotency(pool);
  loop("idempotency", () => idempotency.expire(), { idleMs: 60_000 });
  addRoutes(app, {
    idempotency,
    guard: keyGuard(
      "ingest",
      createAuthenticate(
        pool,
        createKeyCache(() => performance.now()),
        config.apiKeyPepper,
      ),
    ),
    commit,
    budget: createBodyBudget(64 * mebibyte),
    recent: createRecentIds(50_000),
    metrics,
    lateAfterSeconds: config.lateAfterSeconds,
  });
  return async () => {
    stop.abort();
    backlog?.close();
    await Promise.all(writers.map((writer) => writer.ended));
  };
});
