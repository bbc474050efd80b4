import type { Guard, Handles } from "@caisson/kit";
import type { StreamBacklog } from "../../inbox/redis/stream-backlog.ts";
import type { Credential } from "../../keys/key-cache.ts";
import type { Answered, AnswerParts, Asker } from "./answer.ts";
import type { queryService } from "./contract.ts";
import { readFreshness } from "./freshness.ts";

/** What the routes need. */
export interface QueryParts extends AnswerParts {
  readonly guard: Guard<Credential>;
  /** The streams, where the queue is a Redis. */
  readonly backlog: StreamBacklog | undefined;
  readonly metrics: Handles<(typeof queryService)["metrics"]>;
}

/** Answers a request, with its lag and its metrics. The version is read before the data: an answer is never older than it. */
export async function serveAnswer<R extends Reply>(
  { pool, backlog, metrics }: Pick<QueryParts, "pool" | "backlog" | "metrics">,
  name: string,
  { tenant }: Credential,
  reply: R,
  make: (asker: Asker) => Promise<Answered>,
): Promise<R> {
  const began = performance.now();
  const { lagSeconds, version } = await readFreshness({ pool, backlog }, tenant);
  const answered = await make({ tenant, version });
  metrics.queries.inc({ query: name, cache: answered.from });
  metrics.querySeconds.observe({ query: name }, (performance.now() - began) / 1000);
  if (lagSeconds !== undefined) reply.header("x-usage-lag-seconds", lagSeconds.toFixed(3));
  reply.header("content-type", "application/json; charset=utf-8");
  return reply.send(answered.text) as R; // Fastify's replies return themselves
}

/** An answer that is never kept: it shows events themselves. */
export function uncached(body: object): Answered {
  return { text: JSON.stringify(body), from: "none" };
}

/** What is used of Fastify's reply. */
interface Reply {
  header(name: string, value: string): this;
  send(body: string): unknown;
}
