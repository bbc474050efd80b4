import type { ClientBase, Connection } from "pg";

/**
 * Memory that is read into again and again, and grows when it has to: fresh memory costs a page fault every 4 kB, which can
 * be more than all that is done with it.
 */
export interface Memory {
  bytes: Buffer;
}

/** A server that hangs would never answer. */
const answerMs = 60_000;

/** What a `copy ... to stdout` says, in `memory`: it holds until that is read into the next time. */
export function copyOut(client: Pick<ClientBase, "query">, text: string, memory: Memory): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let size = 0;
    const timer = setTimeout(() => reject(new Error(`expected an answer within ${answerMs} ms`)), answerMs);
    // What node-postgres asks of a query of one's own. `pg-copy-streams` makes chunks anew, twice.
    client.query({
      submit: (connection: Connection) => connection.query(text),
      handleCopyData: ({ chunk }: { readonly chunk: Buffer }) => {
        if (size + chunk.length > memory.bytes.length) memory.bytes = larger(memory.bytes, size + chunk.length);
        size += chunk.copy(memory.bytes, size);
      },
      handleCommandComplete: () => undefined,
      handleReadyForQuery: () => {
        clearTimeout(timer);
        resolve(memory.bytes.subarray(0, size));
      },
      handleError: (error: Error) => {
        clearTimeout(timer);
        reject(error);
      },
    });
  });
}

function larger(bytes: Buffer, needed: number): Buffer {
  const made = Buffer.allocUnsafeSlow(Math.max(needed, bytes.length * 2));
  bytes.copy(made);
  return made;
}
