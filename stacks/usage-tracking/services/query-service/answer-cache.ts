import { createHash } from "node:crypto";
import { createBoundedRedis } from "../../redis/bounded-redis.ts";

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
const keepSeconds = 300;

/**
 * The key of an answer. It holds the tenant, the version of the tenant's data and the absolute question, so a kept
 * answer is the one that the database would give: the cache cannot change an answer, only be without it.
 */
export function answerKey(tenant: number, version: string, question: Readonly<Record<string, unknown>>): string {
  const hash = createHash("sha256").update(JSON.stringify(question)).digest("base64url");
  return `usage:answer:1:${tenant}:${version}:${hash}`;
}

/** A cache in the Redis at `url`. */
export async function createAnswerCache(url: string, onError: (error: Error) => void): Promise<AnswerCache> {
  const redis = await createBoundedRedis(url, { answerMs, onError });
  return {
    get: async (key) => {
      const kept = await redis.ask("GET", key);
      return typeof kept === "string" ? kept : undefined;
    },
    set: (key, answer) => void redis.ask("SET", key, answer, "EX", String(keepSeconds)),
    check: redis.check,
    close: redis.close,
  };
}
