import { createShardProcessor } from "../../stacks/usage-tracking/services/event-processor/process-shard.ts";
import { postgresQueue } from "../../stacks/usage-tracking/inbox/postgres-queue.ts";

/**
 * One shard's processor in a process of its own: claims its shard, says `ready`, waits for a line, works until nothing is
 * left, and says how much CPU and memory that needed. Arguments: shard, events of a batch. The database's
 * URL comes on the first line of stdin.
 */
const [shard = "0", batchEvents = "100000"] = process.argv.slice(2);
const lines = process.stdin.setEncoding("utf8")[Symbol.asyncIterator]();
const next = async (): Promise<string> => String((await lines.next()).value).trim();
const databaseUrl = await next();
let idle = false;
let rssMb = 0;
const processor = createShardProcessor({
  databaseUrl,
  queue: postgresQueue(databaseUrl),
  shard: Number(shard),
  limits: { events: Number(batchEvents), bytes: 32 * 1024 * 1024 },
  onRole: () => undefined,
  onApplied: () => {
    rssMb = Math.max(rssMb, process.memoryUsage.rss() / 2 ** 20);
  },
  onIdle: () => {
    idle = true;
  },
});
await processor.step();
process.stdout.write("ready\n");
await next();
const began = process.cpuUsage();
while (!idle) await processor.step();
const { user, system } = process.cpuUsage(began);
process.stdout.write(`${JSON.stringify({ cpuSeconds: (user + system) / 1e6, rssMb })}\n`);
await processor.close();
process.stdin.destroy();
