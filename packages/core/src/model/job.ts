import { freeze } from "./freeze.ts";
import type { ConfigSchema, Program } from "./contract.ts";
import { defaultRestart } from "./resource-defaults.ts";
import type { Resource, ScheduleSpec } from "./resource.ts";
import { toMs, type Duration } from "./quantity.ts";
import { programResource, type RunOptions } from "./service.ts";

/** Options of a job: how often a failure is tried again before the job is Failed. Default 3 attempts. */
export interface JobOptions<S extends ConfigSchema> extends RunOptions<S> {
  readonly attempts?: number;
}

/**
 * A program that runs to its end before its dependants start. It runs again when its program or config changed, when
 * its last result was not success, or when the data of a store it needs is new.
 */
export function job<S extends ConfigSchema>(program: Program<S>, options: JobOptions<S>): Resource {
  return freeze({
    ...programResource("job", program, options),
    restart: { ...defaultRestart, policy: "on-failure", crashLoopAfter: options.attempts ?? 3 },
  });
}

/** When a schedule fires, and what happens to runs that overlap or were missed while nothing ran. */
export interface ScheduleOptions<S extends ConfigSchema> extends RunOptions<S> {
  /** Five fields of cron. */
  readonly cron: string;
  /** IANA name. Default `UTC`. */
  readonly timeZone?: string;
  /** A run is due while the last one still runs. Default `skip`. */
  readonly overlap?: ScheduleSpec["overlap"];
  /** Slots that passed while the stack was down. Default `none`. */
  readonly missed?: ScheduleSpec["missed"];
  /** Upper bound of a random delay. Default none. */
  readonly jitter?: Duration;
}

/** A program run at the slots of a cron expression; never twice for one slot. */
export function schedule<S extends ConfigSchema>(program: Program<S>, options: ScheduleOptions<S>): Resource {
  return freeze({
    ...programResource("schedule", program, options),
    restart: { ...defaultRestart, policy: "no" },
    schedule: {
      cron: options.cron,
      timeZone: options.timeZone ?? "UTC",
      overlap: options.overlap ?? "skip",
      missed: options.missed ?? "none",
      jitterMs: options.jitter ? toMs(options.jitter) : 0,
    },
  });
}

/** A program that people run by name with `caisson run NAME -- ARGS`, with its references resolved. */
export function command<S extends ConfigSchema>(program: Program<S>, options: RunOptions<S>): Resource {
  return freeze({
    ...programResource("command", program, options),
    restart: { ...defaultRestart, policy: "no" },
  });
}
