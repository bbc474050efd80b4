import { setTimeout as delay } from "node:timers/promises";
import { untilBeat } from "../supervisor/beat.ts";
import { createProber } from "./probe.ts";
import type { ProbeResult, ProbeSpec } from "./probe-spec.ts";

/** `Unknown` until it was ready for the first time. */
export type ProbeHealth = "Unknown" | "Ready" | "Unhealthy";

/** How to watch. */
export interface WatchProbeOptions {
  /** Ends the watch; no callback comes after. */
  readonly signal: AbortSignal;
  /** Called when the health changes, with the attempt that changed it. */
  readonly onChange: (health: ProbeHealth, result: ProbeResult) => void;
  /** Called for every attempt, before `onChange`: to say why it is not ready yet. */
  readonly onAttempt?: (result: ProbeResult) => void;
  /** From one attempt to the next once it was ready, ms, on a beat that all watches of that pace share. Default 10,000. */
  readonly intervalMs?: number;
  /** An attempt without an answer fails after this long, ms. Default 2000. */
  readonly timeoutMs?: number;
  /** Failures in a row that make a ready program unhealthy. Default 3. */
  readonly failureThreshold?: number;
  /** True, for liveness: it counts as ready from the start, and is asked slowly from the first attempt on. Default false. */
  readonly slow?: boolean;
}

/** A watch under way. */
export interface ProbeWatch {
  health(): ProbeHealth;
  /** The newest attempt. Undefined before the first one ended. */
  last(): ProbeResult | undefined;
}

/**
 * Probes at once and often until ready (at most 50 ms apart for the first 5 s, then ever slower down to every 250 ms), then
 * slowly for as long as the signal lasts. Never gives up: how long to wait is for the caller to say. Throws as `createProber`.
 */
export function watchProbe(spec: ProbeSpec, options: WatchProbeOptions): ProbeWatch {
  const {
    signal,
    onChange,
    onAttempt,
    intervalMs = 10_000,
    timeoutMs = 2000,
    failureThreshold = 3,
    slow = false,
  } = options;
  const prober = createProber(spec);
  const start = performance.now();
  let health: ProbeHealth = slow ? "Ready" : "Unknown";
  let last: ProbeResult | undefined;
  let failures = 0;

  const note = (result: ProbeResult): void => {
    failures = result.ok ? 0 : failures + 1;
    last = result;
    onAttempt?.(result);
    const next = nextHealth(health, failures, failureThreshold);
    if (next === health) return;
    health = next;
    onChange(health, result);
  };
  const watch = async (): Promise<void> => {
    if (slow) await delay(intervalMs, undefined, { signal });
    // ends by the signal, which both reject with
    for (;;) {
      note(await prober({ timeoutMs, signal }));
      const pauseMs = health === "Unknown" ? pauseBeforeReady(performance.now() - start) : untilBeat(intervalMs);
      await delay(pauseMs, undefined, { signal });
    }
  };
  watch().catch((error: unknown) => {
    if (!signal.aborted) throw error; // the callback's own
  });
  return { health: () => health, last: () => last };
}

/**
 * A tenth of the time waited so far, so that a probe adds little to any start-up however short, between 10 and 50 ms; beyond
 * 5 s the pauses grow up to 250 ms.
 */
export function pauseBeforeReady(waitedMs: number): number {
  if (waitedMs < 5000) return Math.min(50, Math.max(10, waitedMs / 10));
  return Math.min(250, 50 + (waitedMs - 5000) / 100);
}

function nextHealth(health: ProbeHealth, failures: number, threshold: number): ProbeHealth {
  if (failures === 0) return "Ready";
  return health !== "Unknown" && failures >= threshold ? "Unhealthy" : health;
}
