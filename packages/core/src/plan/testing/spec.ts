import type { DesiredUnitSpec, UnitId } from "../lifecycle-types.ts";

/** How a program behaves, in this world. */
export interface Behaviour {
  readonly spawns: boolean;
  /** Answers its readiness probe with yes. */
  readonly ready: boolean;
  /** Ends by itself with this code a while after its start; `null` = runs on. */
  readonly exits: number | null;
  readonly ignoresSignals: boolean;
}

/** A program as it should be: a service runs on and is ready, a job ends with 0. */
export const healthy: Behaviour = { spawns: true, ready: true, exits: null, ignoresSignals: false };

/** `web/0/3`. */
export function keyOf({ resource, replica, generation }: UnitId): string {
  return `${resource}/${replica}/${generation}`;
}

/** A spec with short times: backoff 100 ms to 1 s, grace 300 ms, crash loop after 3. */
export function specOf(resource: string, rest: Partial<DesiredUnitSpec> = {}): DesiredUnitSpec {
  const kind = rest.kind ?? "service";
  return {
    resource,
    generation: 1,
    kind,
    replicas: 1,
    restart: {
      policy: kind === "job" ? "on-failure" : "always",
      delayMs: 100,
      maxDelayMs: 1000,
      resetAfterMs: 2000,
      crashLoopAfter: 3,
    },
    stop: { signal: "SIGTERM", graceMs: 300 },
    probed: kind !== "job",
    needs: [],
    replace: "stop-first",
    readyWithinMs: 1500,
    ...rest,
  };
}
