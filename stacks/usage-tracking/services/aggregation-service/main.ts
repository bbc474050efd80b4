import { runWorker, type Step } from "@caisson/kit";
import { formatInstant } from "../../events/instant.ts";
import { createAudit } from "./audit.ts";
import { aggregationService } from "./contract.ts";
import { createLeadership } from "./leadership.ts";
import { emptySlots, inboxBytes, preparePartitions } from "./housekeeping.ts";
import { dropExpired } from "./retention.ts";
import { refreshSummaries } from "./summaries.ts";

await runWorker(aggregationService, ({ config, log, loop, metrics, postgres }) => {
  const pool = postgres(config.databaseUrl, { size: 2 });
  const leadership = createLeadership({
    databaseUrl: config.databaseUrl,
    onRole: (leads) => {
      log.info(leads ? "leads: audits, summaries, retention and housekeeping are done here" : "leads no more");
      metrics.leader.set(leads ? 1 : 0);
    },
  });
  loop("leadership", leadership.step, { idleMs: 1000 });
  // Looked at every second, so that a new leader does at once what is due.
  const whileLeading = (name: string, step: Step, { restMs }: { readonly restMs: number }): void => {
    let due = 0;
    loop(name, async (signal) => {
      if (!leadership.leads() || performance.now() < due) return false;
      const more = (await step(signal)) === true;
      due = more ? 0 : performance.now() + restMs;
      return more;
    });
  };
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
  whileLeading("audit", audit.step, { restMs: 0 });
  whileLeading(
    "housekeeping",
    async () => {
      await preparePartitions(pool);
      const emptied = await emptySlots(pool);
      if (emptied.length > 0) log.debug({ slots: emptied }, "emptied processed slots of the inbox");
      metrics.inboxBytes.set(await inboxBytes(pool));
    },
    { restMs: 60_000 },
  );
  whileLeading(
    "retention",
    async () => {
      const dropped = await dropExpired(pool, config);
      metrics.dropped.inc(dropped.length);
      if (dropped.length > 0) log.info({ dropped }, "dropped partitions that retention is done with");
    },
    { restMs: 60_000 },
  );
  whileLeading(
    "summaries",
    async () => {
      const { refreshed, finalized, more } = await refreshSummaries(pool, config.finalizeAfterDays);
      metrics.summaries.inc({ state: "open" }, refreshed - finalized);
      metrics.summaries.inc({ state: "finalized" }, finalized);
      return more;
    },
    { restMs: 10_000 },
  );
  // So that these series exist, at zero, before anything happens.
  metrics.drift.inc(0);
  metrics.leader.set(0);
  return async () => leadership.close();
});
