import { within } from "../../redis/within.ts";

/** A connection to a Redis; values come as bytes. It does not come back: whoever has it opens another. */
export interface RedisConnection {
  /** Rejects with the server's error, when the connection is lost, and when there is no answer within 10 s. */
  readonly send: (...command: readonly (string | Buffer)[]) => Promise<unknown>;
  readonly close: () => void;
}

const answerMs = 10_000;

/**
 * Connects; the client is loaded here, so a stack without Redis never loads it. `onLost` is called when the connection
 * fails or ends, and may be called again.
 */
export async function connectRedis(url: string, onLost: (error: Error) => void): Promise<RedisConnection> {
  const { createClient, RESP_TYPES } = await import("@redis/client");
  const client = createClient({
    url,
    // Whoever sends a command reads lists; version 3 of the protocol would give maps.
    RESP: 2,
    disableOfflineQueue: true,
    socket: { connectTimeout: answerMs, reconnectStrategy: false },
  });
  client.on("error", onLost);
  await client.connect();
  client.on("end", () => onLost(new Error("the connection to Redis ended")));
  const bytes = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
  return {
    send: (...command) => within(answerMs, String(command[0]), bytes.sendCommand([...command])),
    close: () => client.destroy(),
  };
}
