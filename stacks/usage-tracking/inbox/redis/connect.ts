/** A connection to a Redis; values come as bytes. It does not come back: whoever has it opens another. */
export interface RedisConnection {
  /** Rejects with the server's error, when the connection is lost, and when there is no answer within 10 s. */
  readonly send: (...command: readonly (string | Buffer)[]) => Promise<unknown>;
  readonly close: () => void;
}

const answerMs = 10_000;

/** Connects; the client is loaded here, so a stack without Redis never loads it. `onLost` is called once, when the connection ends other than by `close`. */
export async function connectRedis(url: string, onLost: (error: Error) => void): Promise<RedisConnection> {
  const { createClient, RESP_TYPES } = await import("@redis/client");
  const client = createClient({
    url,
    // The commands below read answers as lists; version 3 of the protocol would give maps.
    RESP: 2,
    disableOfflineQueue: true,
    socket: { connectTimeout: answerMs, reconnectStrategy: false },
  });
  client.on("error", onLost);
  await client.connect();
  client.on("end", () => onLost(new Error("the connection to Redis ended")));
  const bytes = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
  return {
    send: (...command) => within(bytes.sendCommand([...command]), command[0]),
    close: () => client.destroy(),
  };
}

async function within<T>(answer: Promise<T>, command: unknown): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`no answer to ${String(command)} within 10 s`)), answerMs);
  answer.catch(() => undefined); // told by the race below, unless that is over
  try {
    return await Promise.race([answer, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
