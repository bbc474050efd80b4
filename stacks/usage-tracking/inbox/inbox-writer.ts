import { setTimeout } from "node:timers/promises";
import { Client } from "pg";
import { claimWriter } from "./claim-writer.ts";
import type { QueueWriter, WriterOptions } from "./queue.ts";
import { writeGroup } from "./write-group.ts";

/** No answer to a commit for that long is no answer: the group is refused and the connection given up. */
const writeTimeoutMs = 10_000;
const retryDelayMs = { first: 50, most: 2_000 };

/**
 * One connection that is one writer of the inbox. It connects again for ever, with growing pauses; what was in flight
 * when the connection broke is refused (it may be stored: the sender repeats it, and dedupe drops the copy).
 */
export function startInboxWriter(options: WriterOptions & { readonly databaseUrl: string }): QueueWriter {
  let session: Session | undefined;
  const stopped = new Promise<void>((resolve) => {
    if (options.signal.aborted) resolve();
    else options.signal.addEventListener("abort", () => resolve(), { once: true });
  });
  const runSession = async (): Promise<void> => {
    const lost = Promise.withResolvers<Error>();
    const opened = await openSession(options.databaseUrl, lost.resolve);
    session = opened;
    options.onReady();
    const error = await Promise.race([lost.promise, stopped]);
    session = undefined;
    // Not waited for: a server that hangs would never answer, and what it still commits belongs to the old claim.
    void opened.client.end().catch(() => undefined);
    if (error) throw error;
  };
  const ended = (async () => {
    let delayMs = retryDelayMs.first;
    while (!options.signal.aborted) {
      const began = performance.now();
      await runSession().catch(options.onLost);
      if (performance.now() - began > retryDelayMs.most) delayMs = retryDelayMs.first;
      await Promise.race([setTimeout(delayMs, undefined, { ref: false }), stopped]);
      delayMs = Math.min(delayMs * 2, retryDelayMs.most);
    }
  })();
  return {
    get ready() {
      return session !== undefined;
    },
    ended,
    write: async (items) => {
      const current = session;
      if (!current) throw new Error("expected an open connection, but it was lost");
      try {
        await writeGroup(current.client, current.writer, current.lastSeq, items);
        current.lastSeq += BigInt(items.length);
      } catch (error) {
        // Whether it was stored is unknown, so this session's numbers are too: the next one reads them anew.
        if (session === current) session = undefined;
        current.lose(error instanceof Error ? error : new Error(String(error)));
        throw error;
      }
    },
  };
}

interface Session {
  readonly client: Client;
  readonly writer: number;
  readonly lose: (error: Error) => void;
  lastSeq: bigint;
}

async function openSession(databaseUrl: string, lose: (error: Error) => void): Promise<Session> {
  const client = new Client({
    connectionString: databaseUrl,
    application_name: "usage-inbox-writer",
    connectionTimeoutMillis: writeTimeoutMs,
    query_timeout: writeTimeoutMs,
    keepAlive: true,
  });
  client.on("error", lose);
  client.on("end", () => lose(new Error("the connection ended")));
  await client.connect();
  try {
    // An acknowledgement promises a commit that survives a crash, whatever the server's default is.
    await client.query("set synchronous_commit = on");
    const { writer, lastSeq } = await claimWriter(client);
    return { client, writer, lose, lastSeq };
  } catch (error) {
    await client.end().catch(() => undefined); // the first error says more
    throw error;
  }
}
