import { createHash } from "node:crypto";

/** Finished answers, where there is a Redis. Every failure is a miss: a query never waits for its cache. */
export interface AnswerCache {
  readonly get: (key: string) => Promise<string | undefined>;
  readonly set: (key: string, answer: string) => void;
  /** How it is, for the health report; rejects with the reason while it is away. */
  readonly check: () => Promise<void>;
  readonly close: () => void;
}

/** Longest wait for the cache; a query takes a few milliseconds itself. */
const answerMs = 50;
/** After a failure the cache is left alone for that long. */
const restMs = 1_000;
const keepSeconds = 300;

/**
 * The key of an answer. It holds the tenant, the version of the tenant's data and the absolute question, so a kept
 * answer is the one that the database would give: the cache cannot change an answer, only be without it.
 */
export function answerKey(tenant: number, version: string, question: Readonly<Record<string, unknown>>): string {
  const hash = createHash("sha256").update(JSON.stringify(question)).digest("base64url");
  return `usage:answer:1:${tenant}:${version}:${hash}`;
}

/** A cache in the Redis at `url`. The client is loaded here, so a stack without Redis never loads it. */
export async function createAnswerCache(url: string, onError: (error: Error) => void): Promise<AnswerCache> {
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
  let restUntil = 0;
  return {
    get: async (key) => {
      if (performance.now() < restUntil) return undefined;
      try {
        return (await within(client.get(key))) ?? undefined;
      } catch {
        restUntil = performance.now() + restMs;
        return undefined; // a miss; `check` tells of the failure
      }
    },
    set: (key, answer) => {
      if (performance.now() < restUntil) return;
      client.set(key, answer, { expiration: { type: "EX", value: keepSeconds } }).catch(() => undefined); // as above
    },
    check: async () => {
      if (!client.isReady) throw new Error("there is no connection to Redis");
      await within(client.ping());
    },
    close: () => client.destroy(),
  };
}

/** Rejects after {@link answerMs}: a server that hangs answers neither a command nor its timeout. */
async function within<T>(answer: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`Redis did not answer within ${answerMs} ms`)), answerMs);
  try {
    return await Promise.race([answer, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
