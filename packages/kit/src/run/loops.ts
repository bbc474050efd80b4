import type { Health } from "../health/health.ts";
import type { Liveness, Pulse } from "../health/liveness.ts";
import type { Log } from "../log/create-log.ts";
import { backoffMs, type Backoff } from "./backoff.ts";
import { wait } from "./wait.ts";

/** One step of a loop. Resolves to `true` when there is more to do at once; anything else rests for `idleMs`. */
export type Step = (signal: AbortSignal) => Promise<unknown>;

/** How a loop is run. All times in milliseconds. */
export interface LoopOptions {
  /** Rest after a step that found nothing to do. Default 1000. */
  readonly idleMs?: number;
  /** A step that takes longer makes the program not alive, so that it is restarted. Default 60,000. */
  readonly stallMs?: number;
}

/** Starts a loop: `step` is called again and again until the program drains. */
export type Loop = (name: string, step: Step, options?: LoopOptions) => void;

/** The loops of a program. */
export interface Loops {
  readonly loop: Loop;
  /** Starts what was registered; later loops start at once. */
  readonly start: () => void;
  /** Resolves when each loop has finished the step that it had in hand. */
  readonly ended: () => Promise<void>;
}

/** What loops need from the program. */
export interface LoopsOptions {
  readonly signal: AbortSignal;
  readonly log: Log;
  readonly health: Health;
  readonly liveness: Liveness;
  readonly onFailure: (name: string) => void;
}

/** After a failed step: a database that is away must not be asked a thousand times a second. */
const retry: Backoff = { firstMs: 100, capMs: 5000 };

/**
 * Loops that outlive their failures: a step that throws is logged, shown in health (without making the program not ready)
 * and tried again with backoff. A step that hangs stops the loop's pulse: `live` answers 503.
 */
export function createLoops({ signal, log, health, liveness, onFailure }: LoopsOptions): Loops {
  const waiting: (() => void)[] = [];
  const running: Promise<void>[] = [];
  let started = false;
  return {
    loop: (name, step, { idleMs = 1000, stallMs = 60_000 } = {}) => {
      const pulse = liveness.pulse(name, stallMs);
      const report = loopCheck(health, name);
      const begin = (): void => {
        running.push(
          run({ step, idleMs, signal, pulse }, (error, failures) => {
            report(error);
            if (error === undefined) return;
            onFailure(name);
            // The first failure in a row is news, the ones after it are not.
            log[failures === 1 ? "error" : "debug"](
              { err: error, loop: name, failures },
              "loop step failed; trying again",
            );
          }),
        );
      };
      if (started) begin();
      else waiting.push(begin);
    },
    start: () => {
      started = true;
      for (const begin of waiting.splice(0)) begin();
    },
    ended: async () => void (await Promise.all(running)),
  };
}

interface Run {
  readonly step: Step;
  readonly idleMs: number;
  readonly signal: AbortSignal;
  readonly pulse: Pulse;
}

async function run(
  { step, idleMs, signal, pulse }: Run,
  report: (error: unknown, failures: number) => void,
): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    pulse.beat();
    let restMs = idleMs;
    try {
      if ((await step(signal)) === true) restMs = 0;
      if (failures > 0) report(undefined, 0);
      failures = 0;
    } catch (error) {
      if (signal.aborted) break; // stopped in the middle, as it was asked to
      failures++;
      restMs = backoffMs(retry, failures);
      report(error, failures);
    }
    pulse.rest();
    // Even a loop that always has more to do lets probes and timers have their turn.
    if (restMs === 0) await new Promise((resolve) => setImmediate(resolve));
    else await wait(restMs, signal);
  }
  pulse.rest();
}

/** Shows a loop's failures in health. Returns what is told of each step: an error, or that it went well again. */
function loopCheck(health: Health, name: string): (error: unknown) => void {
  let last: unknown;
  const check = health.check(
    `loop ${name}`,
    async () => {
      if (last !== undefined) throw last;
    },
    { required: false },
  );
  return (error) => {
    last = error;
    check.recheck();
  };
}
