import { counter, defineProgram, PostgresUrl, Type } from "@caisson/core";
import { runWorker } from "@caisson/kit";

const worker = defineProgram(import.meta, "worker", {
  config: Type.Object({
    databaseUrl: PostgresUrl,
    hangAfter: Type.Integer({ default: -1 }),
    stallMs: Type.Integer({ default: 60_000 }),
  }),
  metrics: { steps: counter("worker_steps_total") },
  schemaVersion: 2,
});

const options = { drainTimeoutMs: Number(process.env["DRAIN_TIMEOUT_MS"] ?? 8000) };

await runWorker(
  worker,
  ({ config, postgres, loop, metrics, log }) => {
    const pool = postgres(config.databaseUrl, { size: 2, statementTimeoutMs: 2000, acquireTimeoutMs: 1000 });
    let steps = 0;
    loop(
      "steps",
      async () => {
        if (steps === config.hangAfter) await new Promise(() => {});
        await pool.query("insert into steps default values");
        steps++;
        metrics.steps.inc();
        log.debug({ steps }, "step");
      },
      { idleMs: 20, stallMs: config.stallMs },
    );
    return () => log.info({ steps }, "drain function ran");
  },
  options,
);
