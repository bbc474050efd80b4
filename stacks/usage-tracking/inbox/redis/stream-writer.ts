import { jsonCodec } from "../../events/stored-event.ts";
import { InboxRefusal, type InboxItem } from "../group-commit.ts";
import { keepWriter, type WriterSession } from "../keep-writer.ts";
import type { QueueWriter, WriterOptions } from "../queue.ts";
import { connectRedis, type RedisConnection } from "./connect.ts";
import { findDurability } from "./durability.ts";
import { streamKey } from "./stream-position.ts";

/** A Redis and how many shards there are; a stale number sends a tenant to its shard of before, which is still read. */
export interface StreamOptions {
  readonly url: string;
  readonly shards: () => Promise<number>;
}

/** The number of shards is asked for anew when it is that old. */
const shardsForMs = 10_000;

/** One connection that adds entries: one a request, all of a group sent together. */
export function startStreamWriter(options: WriterOptions & StreamOptions): QueueWriter {
  return keepWriter(options, (lose) => openSession(options, lose));
}

async function openSession({ url, shards }: StreamOptions, lose: (error: Error) => void): Promise<WriterSession> {
  const redis = await connectRedis(url, lose);
  try {
    const durability = await findDurability(redis);
    let known = { number: await shards(), at: performance.now() };
    return {
      write: async (items) => {
        if (performance.now() - known.at > shardsForMs) known = { number: await shards(), at: performance.now() };
        const answers = await Promise.allSettled(items.map((item) => add(redis, item, known.number)));
        if (durability === "waitaof") await waitForLog(redis);
        const failed = answers.find((answer) => answer.status === "rejected");
        if (failed) throw asRefusal(failed.reason);
      },
      close: redis.close,
    };
  } catch (error) {
    redis.close();
    throw error;
  }
}

function add(redis: RedisConnection, { tenant, events, body }: InboxItem, shards: number): Promise<unknown> {
  const fields = [
    "tenant",
    String(tenant),
    "events",
    String(events),
    "codec",
    String(jsonCodec),
    "body",
    body,
  ] as const;
  return redis.send("XADD", streamKey(tenant % shards), "*", ...fields);
}

async function waitForLog(redis: RedisConnection): Promise<void> {
  const [local] = (await redis.send("WAITAOF", "1", "0", "9000")) as unknown[];
  if (local !== 1) throw new Error("the entries were not on disk within 9 s");
}

/** Out of memory is an answer: nothing of that entry is stored, and the connection is good. */
function asRefusal(error: unknown): unknown {
  return error instanceof Error && error.message.startsWith("OOM") ? new InboxRefusal("full", error) : error;
}
