import type { Guard, Handles } from "@caisson/kit";
import type { Credential } from "../../keys/key-cache.ts";
import type { Answered, AnswerParts } from "./answer.ts";
import type { queryService } from "./contract.ts";

/** What the routes need. */
export interface QueryParts extends AnswerParts {
  readonly guard: Guard<Credential>;
  readonly metrics: Handles<(typeof queryService)["metrics"]>;
}

/** Answers a request, with its lag and its metrics. */
export async function serveAnswer<R extends Reply>(
  { metrics }: Pick<QueryParts, "metrics">,
  name: string,
  { tenant }: Credential,
  reply: R,
  make: (tenant: number) => Promise<Answered>,
): Promise<R> {
  const began = performance.now();
  const { text, lagSeconds, from } = await make(tenant);
  metrics.queries.inc({ query: name, cache: from });
  metrics.querySeconds.observe({ query: name }, (performance.now() - began) / 1000);
  if (lagSeconds !== undefined) reply.header("x-usage-lag-seconds", lagSeconds.toFixed(3));
  reply.header("content-type", "application/json; charset=utf-8");
  return reply.send(text) as R; // Fastify's replies return themselves
}

/** What is used of Fastify's reply. */
interface Reply {
  header(name: string, value: string): this;
  send(body: string): unknown;
}
