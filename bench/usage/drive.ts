import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** What a drive took: from the first byte sent to the last answer, and each request's time in milliseconds. */
export interface Driven {
  readonly seconds: number;
  readonly latencies: readonly number[];
}

/**
 * Sends finished HTTP/1.1 requests over kept connections, shared evenly by `ports`, each with one request in flight, as
 * little work as it can be: the machine's cores are the server's. Throws where an answer is not 202.
 */
export async function drive(
  ports: readonly number[],
  requests: readonly Buffer[],
  connections: number,
): Promise<Driven> {
  const clients = await Promise.all(
    Array.from({ length: connections }, (_, index) => open(ports[index % ports.length] ?? 0)),
  );
  const latencies: number[] = [];
  let next = 0;
  const began = performance.now();
  await Promise.all(
    clients.map(async (ask) => {
      for (let request = requests[next++]; request; request = requests[next++]) {
        const sent = performance.now();
        await ask(request);
        latencies.push(performance.now() - sent);
      }
    }),
  );
  const seconds = (performance.now() - began) / 1000;
  for (const { socket } of clients) socket.destroy();
  return { seconds, latencies };
}

/** A finished POST of `json`. */
export function postRequest(path: string, key: string, json: string): Buffer {
  const head = `POST ${path} HTTP/1.1\r\nhost: bench\r\nx-api-key: ${key}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(json)}\r\n\r\n`;
  return Buffer.from(head + json);
}

/** A connection that sends a request and waits for its answer, of which only the status line and the length are looked at. */
async function open(port: number): Promise<((request: Buffer) => Promise<void>) & { readonly socket: Socket }> {
  let waiting: PromiseWithResolvers<void> | undefined;
  let left = 0;
  const fail = (why: string): void => waiting?.reject(new Error(why));
  const read = (bytes: number, buffer: Uint8Array): boolean => {
    if (left === 0) {
      // The headers come with the first bytes of an answer: the server writes both at once.
      const head = Buffer.from(buffer.buffer, buffer.byteOffset, Math.min(bytes, 2048)).toString("latin1");
      const length = Number(/\r\ncontent-length: (\d+)\r\n/i.exec(head)?.[1]);
      left = head.indexOf("\r\n\r\n") + 4 + length;
      if (!head.startsWith("HTTP/1.1 202") || !(left > length)) fail(`expected 202, got ${head.slice(0, 1000)}`);
    }
    left -= bytes;
    if (left === 0) waiting?.resolve();
    return true;
  };
  // One buffer for all that is read: a fresh one each time would cost more than looking at it.
  const onread = { buffer: Buffer.alloc(64 * 1024), callback: read };
  const socket = connect({ port, host: "127.0.0.1", noDelay: true, onread });
  socket.on("error", (error) => fail(String(error)));
  socket.on("close", () => fail("expected an answer, but the connection ended"));
  await once(socket, "connect");
  const ask = (request: Buffer): Promise<void> => {
    waiting = Promise.withResolvers<void>();
    socket.write(request);
    return waiting.promise;
  };
  return Object.assign(ask, { socket });
}
