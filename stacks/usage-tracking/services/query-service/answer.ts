import type { AtOnce, Postgres } from "@caisson/kit";
import type { Instant } from "../../events/instant.ts";
import type { StreamBacklog } from "../../inbox/redis/stream-backlog.ts";
import { answerKey, type AnswerCache } from "./answer-cache.ts";
import { readFreshness } from "./freshness.ts";

/** What answers are made with. */
export interface AnswerParts {
  readonly pool: Postgres;
  readonly cache: AnswerCache | undefined;
  /** The streams, where the queue is a Redis. */
  readonly backlog: StreamBacklog | undefined;
  readonly now: () => Instant;
}

/** A connection inside one snapshot, of which everything is asked before anything is awaited: one round trip an answer. */
export type Snapshot = AtOnce;

/** An answer as text, how far it lags, and whether it came from the cache (`none`: there is no cache). */
export interface Answered {
  readonly text: string;
  readonly lagSeconds: number | undefined;
  readonly from: "hit" | "miss" | "none";
}

/** What is read of totals has one good plan, whatever is asked: making one anew for each range costs as much as the reading. */
const planOnce = { name: "plan-once", text: "set local plan_cache_mode = force_generic_plan" };

/**
 * Answers an absolute question about one tenant, from the cache where it is there. All that an answer depends on is in the
 * question or in the version: relative times were made absolute before, and widened to whole periods. Version and lag are
 * read before the data or with it: an answer is never older than they say.
 */
export async function answer(
  { pool, cache, backlog }: AnswerParts,
  tenant: number,
  question: Readonly<Record<string, unknown>> & { readonly query: string },
  compute: (client: Snapshot) => Promise<object>,
): Promise<Answered> {
  if (!cache) {
    const [, { lagSeconds }, body] = await pool.atOnce((client) =>
      Promise.all([client.query(planOnce), readFreshness({ pool: client, backlog }, tenant), compute(client)]),
    );
    return { text: JSON.stringify(body), lagSeconds, from: "none" };
  }
  const { lagSeconds, version } = await readFreshness({ pool, backlog }, tenant);
  const key = answerKey(tenant, version, question);
  const kept = await cache.get(key);
  if (kept !== undefined) return { text: kept, lagSeconds, from: "hit" };
  const [, body] = await pool.atOnce((client) => Promise.all([client.query(planOnce), compute(client)]));
  const text = JSON.stringify(body);
  cache.set(key, text);
  return { text, lagSeconds, from: "miss" };
}

/** An answer that is never kept: it shows events themselves. */
export async function uncached(
  { pool, backlog }: Pick<AnswerParts, "pool" | "backlog">,
  tenant: number,
  make: () => Promise<object>,
): Promise<Answered> {
  const { lagSeconds } = await readFreshness({ pool, backlog }, tenant);
  return { text: JSON.stringify(await make()), lagSeconds, from: "none" };
}
