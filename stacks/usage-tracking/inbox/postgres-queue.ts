import { Client } from "pg";
import { startInboxWriter } from "./inbox-writer.ts";
import type { Queue } from "./queue.ts";
import { readInbox } from "./read-inbox.ts";

/** The inbox of the database itself: what is acknowledged is committed where it will be processed. */
export function postgresQueue(databaseUrl: string): Queue {
  return {
    startWriter: (options) => startInboxWriter({ ...options, databaseUrl }),
    openReader: async (shard) => {
      const client = new Client({
        connectionString: databaseUrl,
        application_name: "usage-processor-reader",
        connectionTimeoutMillis: 10_000,
        // No query_timeout: the driver would hold it against a COPY that has ended. A read has one of its own.
        keepAlive: true,
        // Times travel as text and their days are those of UTC.
        options: "-c timezone=UTC",
      });
      client.on("error", () => undefined); // the query in flight, or the next one, fails with it
      await client.connect();
      return {
        read: (positions, limits) => readInbox(client, shard, positions, limits),
        // Nothing is deleted: the housekeeping truncates slots in which everything is processed.
        release: async () => undefined,
        // Not waited for: a server that hangs would never say goodbye.
        close: () => void client.end().catch(() => undefined),
      };
    },
  };
}
