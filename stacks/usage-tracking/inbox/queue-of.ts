import { postgresQueue } from "./postgres-queue.ts";
import type { Queue } from "./queue.ts";
import { redisQueue } from "./redis/redis-queue.ts";

/** The queue that a program is configured with. `shards`: how many there are, asked for by writers now and then. */
export function queueOf(
  { databaseUrl, queueUrl }: { readonly databaseUrl: string; readonly queueUrl?: string },
  shards: () => Promise<number>,
): Queue {
  return queueUrl === undefined ? postgresQueue(databaseUrl) : redisQueue({ databaseUrl, url: queueUrl, shards });
}
