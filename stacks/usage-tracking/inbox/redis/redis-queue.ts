import { postgresQueue } from "../postgres-queue.ts";
import type { Queue } from "../queue.ts";
import { afterBacklog, openStreamReader } from "./stream-reader.ts";
import { startStreamWriter, type StreamOptions } from "./stream-writer.ts";

/**
 * A stream of a Redis for each shard, an entry for each request. Positions stay in PostgreSQL, in the transaction of the
 * work itself: an entry is trimmed only when that is committed, and read again until it is.
 */
export function redisQueue(options: StreamOptions & { readonly databaseUrl: string }): Queue {
  const inbox = postgresQueue(options.databaseUrl);
  return {
    startWriter: (writer) => startStreamWriter({ ...writer, ...options }),
    openReader: async (shard) => {
      const backlog = await inbox.openReader(shard);
      try {
        return afterBacklog(backlog, await openStreamReader(options.url, shard));
      } catch (error) {
        backlog.close();
        throw error;
      }
    },
  };
}
