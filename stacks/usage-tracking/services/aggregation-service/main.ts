import { runWorker } from "@caisson/kit";
import { formatInstant } from "../../events/instant.ts";
import { createAudit } from "./audit.ts";
import { aggregationService } from "./contract.ts";
import { emptySlots, inboxBytes, preparePartitions } from "./housekeeping.ts";
import { dropExpired } from "./retention.ts";
import { refreshSummaries } from "./summaries.ts";

await runWorker(aggregationService, ({ config, log, loop, metrics, postgres }) => {
  const pool = postgres(config.databaseUrl, { size: 2 });
  const audit = createAudit({
    pool,
    restMs: config.auditEverySeconds * 1000,
    now: () => performance.now(),
    onAudited: ({ period, from }, drift) => {
      metrics.audited.inc({ period });
      if (drift.length === 0) return;
      metrics.drift.inc(drift.length);
      log.error(
        { period, bucket: formatInstant(from), drift: drift.slice(0, 5) },
        "totals differ from their raw events",
      );
    },
    onSwept: () => metrics.sweptAt.set(Date.now() / 1000),
  });
  // A step takes a fifth of a second, then rests: at most that share of one core.
  loop("audit", audit.step, { idleMs: 1000 });
  loop(
    "housekeeping",
    async () => {
      await preparePartitions(pool);
      const emptied = await emptySlots(pool);
      if (emptied.length > 0) log.debug({ slots: emptied }, "emptied processed slots of the inbox");
      metrics.inboxBytes.set(await inboxBytes(pool));
    },
    { idleMs: 60_000 },
  );
  loop(
    "retention",
    async () => {
      const dropped = await dropExpired(pool, config);
      metrics.dropped.inc(dropped.length);
      if (dropped.length > 0) log.info({ dropped }, "dropped partitions that retention is done with");
    },
    { idleMs: 60_000 },
  );
  loop(
    "summaries",
    async () => {
      const { refreshed, finalized, more } = await refreshSummaries(pool, config.finalizeAfterDays);
      metrics.summaries.inc({ state: "open" }, refreshed - finalized);
      metrics.summaries.inc({ state: "finalized" }, finalized);
      return more;
    },
    { idleMs: 10_000 },
  );
  // So that both series exist, at zero, before anything happens.
  metrics.drift.inc(0);
});
