import { within } from "./within.ts";

/** A Redis that answers can do without: asked with a bound on the wait, and left alone for a while after a failure. */
export interface BoundedRedis {
  /** What `command` answers; `undefined` while the Redis is away or hangs. */
  readonly ask: (...command: readonly string[]) => Promise<unknown>;
  /** How it is, for the health report; rejects with the reason while it is away. */
  readonly check: () => Promise<void>;
  readonly close: () => void;
}

/** After a failure a Redis is left alone for that long. */
const restMs = 1_000;

/** The Redis at `url`; it goes on connecting by itself. The client is loaded here, so a stack without Redis never loads it. */
export async function createBoundedRedis(
  url: string,
  options: { readonly answerMs: number; readonly onError: (error: Error) => void },
): Promise<BoundedRedis> {
  const { answerMs, onError } = options;
  const { createClient } = await import("@redis/client");
  const client = createClient({
    url,
    // Without a connection a command fails at once instead of waiting for one.
    disableOfflineQueue: true,
    commandOptions: { timeout: answerMs },
    socket: { connectTimeout: 2_000, reconnectStrategy: (tries) => Math.min(2_000, 50 * 2 ** Math.min(tries, 6)) },
  });
  client.on("error", onError);
  client.connect().catch(onError); // it goes on trying by itself
  const send = (command: readonly string[]): Promise<unknown> =>
    within(answerMs, String(command[0]), client.sendCommand([...command]));
  let restUntil = 0;
  return {
    ask: async (...command) => {
      if (performance.now() < restUntil) return undefined;
      try {
        return await send(command);
      } catch {
        restUntil = performance.now() + restMs;
        return undefined; // `check` tells of the failure
      }
    },
    check: async () => {
      if (!client.isReady) throw new Error("there is no connection to Redis");
      await send(["PING"]);
    },
    close: () => client.destroy(),
  };
}
