import { Client } from "pg";
import { claimWriter } from "./claim-writer.ts";
import { keepWriter, type WriterSession } from "./keep-writer.ts";
import type { QueueWriter, WriterOptions } from "./queue.ts";
import { writeGroup } from "./write-group.ts";

/** No answer to a commit for that long is no answer: the group is refused and the connection given up. */
const writeTimeoutMs = 10_000;

/** One connection that is one writer of the inbox, with numbers of its own. */
export function startInboxWriter(options: WriterOptions & { readonly databaseUrl: string }): QueueWriter {
  return keepWriter(options, (lose) => openSession(options.databaseUrl, lose));
}

async function openSession(databaseUrl: string, lose: (error: Error) => void): Promise<WriterSession> {
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
    const claim = await claimWriter(client);
    let { lastSeq } = claim;
    return {
      write: async (items) => {
        await writeGroup(client, claim.writer, lastSeq, items);
        lastSeq += BigInt(items.length);
      },
      // Not waited for: a server that hangs would never answer, and what it still commits belongs to the old claim.
      close: () => void client.end().catch(() => undefined),
    };
  } catch (error) {
    await client.end().catch(() => undefined); // the first error says more
    throw error;
  }
}
