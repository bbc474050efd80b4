import { workerData } from "node:worker_threads";
import { applyBatch, type Applied } from "../../stacks/usage-tracking/services/event-processor/apply-batch.ts";
import { claimShard } from "../../stacks/usage-tracking/services/event-processor/claim-shard.ts";
import { createKnown } from "../../stacks/usage-tracking/services/event-processor/known.ts";
import { prepareBatch } from "../../stacks/usage-tracking/services/event-processor/prepare-batch.ts";
import { inboxRow, openClient } from "../../stacks/usage-tracking/testing/apply.ts";
import { tenantOf } from "./events.ts";
import { oldEvent } from "./old-events.ts";

/** A thread that puts one shard's share of `events` into events and totals: as the processor does it, without an inbox. */
const { databaseUrl, shard, shards, events } = workerData as {
  readonly databaseUrl: string;
  readonly shard: number;
  readonly shards: number;
  readonly events: number;
};
await using client = await openClient(databaseUrl);
const claim = await claimShard(client, shard);
if (!claim) throw new Error("expected to own a shard of a new database");
const known = createKnown();
/** Events of all shards whose own share is one batch. */
const stride = 50_000 * shards;
let applied: Promise<Applied | undefined> = Promise.resolve(undefined);
let seq = shard;
for (let start = 0; start < events; start += stride) {
  const numbers = Array.from({ length: Math.min(stride, events - start) }, (_, index) => start + index);
  const own = numbers.filter((n) => tenantOf(n) % shards === shard).map((n) => oldEvent(n, events));
  const rows = [...Map.groupBy(own, ({ tenant }) => tenant)].map(([tenant, sent]) =>
    inboxRow(
      (seq += shards),
      tenant,
      sent.map(({ event }) => event),
    ),
  );
  const batch = await prepareBatch(rows);
  await applied;
  // In the meantime the next one is made.
  applied = applyBatch(client, claim.owned, batch, known, false);
}
await applied;
