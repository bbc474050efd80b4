import type { Program } from "@caisson/core";
import type { CheckState, Health } from "../health/health.ts";
import type { Liveness } from "../health/liveness.ts";

/** Where a program is in its life: `starting` until the public listener is open, `draining` after the first signal. */
export type Phase = "starting" | "serving" | "draining";

/** What the management listener tells. */
export interface Status {
  readonly phase: () => Phase;
  readonly health: Health;
  readonly liveness: Liveness;
}

/** Why a program is not ready; empty when it is. */
export interface NotReady {
  readonly name: string;
  readonly detail: string;
  readonly since?: string;
}

/** A program is ready when it serves, does not drain, and every required check is well. */
export function notReady({ phase, health }: Status): readonly NotReady[] {
  if (phase() === "draining")
    return [{ name: "draining", detail: "a stop was asked for; what is in hand is finished" }];
  const reasons = health
    .states()
    .filter((state) => state.required && state.ok !== true)
    .map(({ name, detail, since }) => ({ name, detail, since }));
  if (reasons.length === 0 && phase() === "starting") return [{ name: "starting", detail: "not set up yet" }];
  return reasons;
}

/** The aggregate answer of `/health`. `degraded`: ready, but something that is not required is down. */
export interface HealthReport {
  readonly status: "ok" | "degraded" | "unavailable";
  readonly timestamp: string;
  readonly program: string;
  /** The version of the program's contract. */
  readonly version: string;
  readonly replica: string;
  readonly phase: Phase;
  readonly checks: readonly CheckState[];
}

/** The health of a program as one object. */
export function healthReport(status: Status, program: Program, replica: string): HealthReport {
  const checks = status.health.states();
  const ready = notReady(status).length === 0 && status.liveness.problems().length === 0;
  const whole = checks.every((check) => check.ok === true);
  return {
    status: ready ? (whole ? "ok" : "degraded") : "unavailable",
    timestamp: new Date().toISOString(),
    program: program.name,
    version: String(program.contractVersion),
    replica,
    phase: status.phase(),
    checks,
  };
}
