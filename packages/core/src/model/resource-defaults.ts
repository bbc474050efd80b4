import type { ProbeTiming, Resource, ResourceKind, RestartPolicy, StopPolicy } from "./resource.ts";

/** Backoff 0.5 s doubling to 30 s, crash loop after 5 in a row, reset after 60 s of running. */
export const defaultRestart: RestartPolicy = {
  policy: "always",
  delayMs: 500,
  maxDelayMs: 30_000,
  resetAfterMs: 60_000,
  crashLoopAfter: 5,
};

/** compose-spec's default: SIGTERM, 10 s. */
export const defaultStop: StopPolicy = { signal: "SIGTERM", graceMs: 10_000 };

/** Kubernetes' period, timeout and failures; readiness is probed faster until it is reached. */
const defaultProbeTiming: ProbeTiming = {
  intervalMs: 10_000,
  timeoutMs: 1000,
  failureThreshold: 3,
  startPeriodMs: 60_000,
  startIntervalMs: 1000,
};

/** A resource with every facet at its neutral value; a component overrides what it has. */
export function baseResource(kind: ResourceKind, component: string, name: string): Resource {
  return {
    kind,
    modelVersion: 1,
    component,
    catalogueVersion: 1,
    name,
    optional: false,
    profiles: [],
    after: [],
    config: {},
    ports: [],
    egress: false,
    outputs: {},
    files: [],
    volumes: [],
    probeTiming: defaultProbeTiming,
    provision: [],
    replicas: 1,
    restart: defaultRestart,
    stop: defaultStop,
    resources: { limits: {}, reservations: {} },
    pools: [],
    logins: [],
    sources: [],
    problems: [],
  };
}
