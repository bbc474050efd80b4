import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** What a drive took: from the first byte sent to the last answer, and each request's time in milliseconds. */
export interface Driven {
  readonly seconds: number;
  readonly latencies: readonly number[];
}

/**
 * Sends finished HTTP/1.1 requests over kept connections, each with one request in flight, as little work as it can be:
 * the machine's cores are the server's. Throws where an answer is not 202.
 */
export async function drive(port: number, requests: readonly Buffer[], connections: number): Promise<Driven> {
  const sockets = await Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = connect({ port, host: "127.0.0.1", noDelay: true });
      await once(socket, "connect");
      return socket;
    }),
  );
  const latencies: number[] = [];
  let next = 0;
  const began = performance.now();
  await Promise.all(
    sockets.map(async (socket) => {
      const answers = reader(socket);
      for (let request = requests[next++]; request; request = requests[next++]) {
        const sent = performance.now();
        socket.write(request);
        await answers();
        latencies.push(performance.now() - sent);
      }
    }),
  );
  const seconds = (performance.now() - began) / 1000;
  for (const socket of sockets) socket.destroy();
  return { seconds, latencies };
}

/** A finished POST of `json`. */
export function postRequest(path: string, key: string, json: string): Buffer {
  const head = `POST ${path} HTTP/1.1\r\nhost: bench\r\nx-api-key: ${key}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(json)}\r\n\r\n`;
  return Buffer.from(head + json);
}

/** Reads one answer after another off a socket: only its status line and its length are looked at. */
function reader(socket: Socket): () => Promise<void> {
  let waiting: PromiseWithResolvers<void> | undefined;
  let left = 0;
  let head = "";
  const fail = (why: string): void => waiting?.reject(new Error(why));
  socket.on("error", (error) => fail(String(error)));
  socket.on("close", () => fail("expected an answer, but the connection ended"));
  socket.on("data", (chunk: Buffer) => {
    if (left === 0) {
      head += chunk.toString("latin1");
      const end = head.indexOf("\r\n\r\n");
      if (end === -1) return;
      if (!head.startsWith("HTTP/1.1 202")) return fail(`expected 202, got ${head.slice(0, 1000)}`);
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(head.slice(0, end + 2))?.[1]);
      left = length - (head.length - end - 4);
      head = "";
    } else left -= chunk.length;
    if (left === 0) waiting?.resolve();
  });
  return () => {
    waiting = Promise.withResolvers<void>();
    return waiting.promise;
  };
}
