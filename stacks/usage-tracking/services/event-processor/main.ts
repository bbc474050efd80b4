import { runWorker } from "@caisson/kit";
import { queueOf } from "../../inbox/queue-of.ts";
import { createClaimTurns } from "./claim-turns.ts";
import { eventProcessor } from "./contract.ts";
import { createShardProcessor } from "./process-shard.ts";

await runWorker(eventProcessor, ({ config, log, loop, metrics, postgres }) => {
  // Tells whether the database and its schema are there; the processor has connections of its own.
  postgres(config.databaseUrl, { size: 1 });
  const queue = queueOf(config, async () => config.shards);
  // There from the start: what is born with its first count has not increased.
  for (const result of ["stored", "duplicate", "dead_letter"]) metrics.processed.inc({ result }, 0);
  const turns = createClaimTurns(() => performance.now());
  const processors = Array.from({ length: config.shards }, (_, shard) => {
    const label = { shard: String(shard) };
    let role = "none";
    const processor = createShardProcessor({
      databaseUrl: config.databaseUrl,
      queue,
      shard,
      limits: { events: config.batchEvents, bytes: 32 * 1024 * 1024 },
      onRole: (next) => {
        if (next !== role) log.info({ shard, role: next }, "role of this processor changed");
        role = next;
        turns.onRole(shard, next);
        metrics.owner.set(label, next === "owner" ? 1 : 0);
      },
      onApplied: ({ stored, duplicates, dead }, seconds, lagSeconds) => {
        metrics.processed.inc({ result: "stored" }, stored);
        metrics.processed.inc({ result: "duplicate" }, duplicates);
        metrics.processed.inc({ result: "dead_letter" }, dead);
        metrics.batchSeconds.observe(seconds);
        metrics.lagSeconds.set(label, lagSeconds);
        if (dead > 0) log.warn({ dead }, "events went to dead_letter_events");
      },
      onIdle: () => metrics.lagSeconds.set(label, 0),
    });
    const step = async (): Promise<boolean> => turns.may(shard) && (await processor.step());
    // A batch is searched for events that the database refuses, down to each of them, which takes its time.
    loop(`shard ${shard}`, step, { idleMs: 50, stallMs: 180_000 });
    return processor;
  });
  return async () => {
    for (const processor of processors) await processor.close();
  };
});
