import type { Postgres } from "@caisson/kit";
import type { ClientBase } from "pg";
import type { Instant } from "../../events/instant.ts";
import { answerKey, type AnswerCache } from "./answer-cache.ts";

/** What answers are made with. */
export interface AnswerParts {
  readonly pool: Postgres;
  readonly cache: AnswerCache | undefined;
  readonly now: () => Instant;
}

/** Who asks, and which version of the data is there to answer from. */
export interface Asker {
  readonly tenant: number;
  readonly version: string;
}

/** A connection inside one snapshot. */
export type Snapshot = Pick<ClientBase, "query">;

/** An answer as text, and whether it came from the cache (`none`: there is no cache). */
export interface Answered {
  readonly text: string;
  readonly from: "hit" | "miss" | "none";
}

/**
 * Answers an absolute question about one tenant, from the cache where it is there. All that an answer depends on is in the
 * question or in the version: relative times were made absolute before, and widened to whole periods.
 */
export async function answer(
  { pool, cache }: AnswerParts,
  { tenant, version }: Asker,
  question: Readonly<Record<string, unknown>> & { readonly query: string },
  compute: (client: Snapshot) => Promise<object>,
): Promise<Answered> {
  const key = answerKey(tenant, version, question);
  const kept = await cache?.get(key);
  if (kept !== undefined) return { text: kept, from: "hit" };
  const body = await pool.snapshot(compute);
  const text = JSON.stringify(body);
  cache?.set(key, text);
  return { text, from: cache ? "miss" : "none" };
}
