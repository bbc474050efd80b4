import { connect, type Socket } from "node:net";

const maxBytes = 16 << 10;

/**
 * Opens a connection, sends bytes and reads until `read` makes something of all that came so far; says farewell and closes.
 * Rejects with what the network says, when the other side closes first, and when the signal aborts.
 */
export function talk<T>(
  address: { readonly host: string; readonly port: number },
  greeting: Buffer,
  read: (received: Buffer) => T | undefined,
  signal: AbortSignal,
  farewell: (result: T) => Buffer | undefined = () => undefined,
): Promise<T> {
  return talkOn(connect({ host: address.host, port: address.port, noDelay: true, signal }), greeting, read, farewell);
}

/** The same on a connection that is there, or on its way. */
export function talkOn<T>(
  socket: Socket,
  greeting: Buffer,
  read: (received: Buffer) => T | undefined,
  farewell: (result: T) => Buffer | undefined,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let received: Buffer = Buffer.alloc(0);
    socket.write(greeting);
    socket.on("data", (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      const result = attempt(() => read(received), socket);
      if (result !== undefined) {
        resolve(result);
        const last = farewell(result);
        if (last) socket.write(last);
        socket.destroySoon();
      } else if (received.length > maxBytes) {
        socket.destroy(new Error(`answered ${received.length} bytes that make no sense`));
      }
    });
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("the connection was closed before an answer")));
  });
}

/** Whatever a stranger sends, it must not bring us down: what cannot be read ends the talk. */
function attempt<T>(read: () => T, socket: Socket): T | undefined {
  try {
    return read();
  } catch (error) {
    socket.destroy(error instanceof Error ? error : new Error(String(error)));
    return undefined;
  }
}
