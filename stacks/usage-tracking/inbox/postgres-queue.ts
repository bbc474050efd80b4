import { Client } from "pg";
import type { Memory } from "./copy-out.ts";
import { startInboxWriter } from "./inbox-writer.ts";
import type { InboxRow, Queue } from "./queue.ts";
import { readInbox } from "./read-inbox.ts";

/** What a reader begins with; a batch of some size makes it grow once. */
const firstBytes = 1024 * 1024;

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
      const free: Memory[] = [];
      const taken: { readonly memory: Memory; readonly rows: readonly InboxRow[] }[] = [];
      return {
        read: async (positions, limits) => {
          const memory = free.pop() ?? { bytes: Buffer.allocUnsafeSlow(firstBytes) };
          const rows = await readInbox(client, shard, positions, limits, memory);
          if (rows.length > 0) taken.push({ memory, rows });
          else free.push(memory);
          return rows;
        },
        // Nothing is deleted: the housekeeping truncates slots in which everything is processed.
        release: async (positions) => {
          const done = ({ writer, seq }: InboxRow): boolean => seq <= (positions.get(writer) ?? 0n);
          while (taken[0]?.rows.every(done) === true) free.push(...taken.splice(0, 1).map(({ memory }) => memory));
        },
        // Not waited for: a server that hangs would never say goodbye.
        close: () => void client.end().catch(() => undefined),
      };
    },
  };
}
