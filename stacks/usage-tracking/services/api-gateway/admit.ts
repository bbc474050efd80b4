import { httpProblem, type Handles, type HttpApp } from "@caisson/kit";
import type { Credential } from "../../keys/key-cache.ts";
import type { apiGateway } from "./contract.ts";
import type { Rate } from "./lease-tokens.ts";
import type { Pressure } from "./pressure.ts";
import type { RateLimiter } from "./rate-limit.ts";
import { unavailable } from "./refuse.ts";

/** What decides whether a request's body is read at all. */
export interface AdmitParts {
  readonly rate: Rate;
  readonly limiter: RateLimiter;
  readonly pressure: Pressure;
  readonly metrics: Handles<(typeof apiGateway)["metrics"]>;
}

/**
 * Turns requests away before their body is read: 503 where the system cannot follow (nobody's fault, no token taken),
 * 429 where the key's rate is used up.
 */
export function admitRequests(app: HttpApp, { rate, limiter, pressure, metrics }: AdmitParts): void {
  app.fastify.addHook("preParsing", async (request, reply) => {
    if (request.method !== "POST" || request.routeOptions.url === undefined) return;
    const refusal = pressure.refusal();
    if (refusal) {
      metrics.refused.inc({ reason: refusal.reason });
      throw unavailable(refusal.detail, undefined, refusal.retrySeconds);
    }
    // Every route of the gateway that takes a body has the key guard.
    const allowance = await limiter.take((request.identity as Credential).family);
    reply.header("x-ratelimit-limit", rate.perMinute);
    reply.header("x-ratelimit-remaining", allowance.remaining);
    reply.header("x-ratelimit-reset", Math.ceil(Date.now() / 1000) + allowance.resetSeconds);
    if (allowance.allowed) return;
    metrics.limited.inc();
    const detail = `expected at most ${rate.perMinute} requests a minute of this key, ${rate.burst} at once`;
    throw httpProblem("too_many_requests", detail, { headers: { "retry-after": String(allowance.retrySeconds) } });
  });
}
