import type { UnitId } from "@caisson/core/run";
import { unitKey } from "../engine/unit-key.ts";
import type { Probes } from "../engine/probes.ts";
import type { ProbeSpec } from "./probe-spec.ts";
import { watchProbe } from "./watch-probe.ts";

/** What the probes of one unit ask; absent: nothing to ask. */
export interface UnitProbeSpecs {
  readonly ready?: ProbeSpec;
  readonly live?: ProbeSpec;
  readonly timing: { readonly intervalMs: number; readonly timeoutMs: number; readonly failureThreshold: number };
}

/**
 * Probes over the wire. Readiness is asked at once and often until it is reached, then slowly. Liveness is asked from the
 * first readiness on, and told only when its failure threshold is reached.
 */
export function unitProbes(specsOf: (id: UnitId) => UnitProbeSpecs): Probes {
  const watching = new Map<string, AbortController>();
  return {
    watch(id, tell) {
      const key = unitKey(id);
      watching.get(key)?.abort();
      const stop = new AbortController();
      watching.set(key, stop);
      const { ready, live, timing } = specsOf(id);
      if (!ready) return;
      let asked = false;
      let said = "";
      watchProbe(ready, {
        ...timing,
        // Readiness only tells people: the first failure is the truth. Liveness acts, so it counts to its threshold.
        failureThreshold: 1,
        signal: stop.signal,
        // Until it is ready, people want to see why it is not; the same reason again is no news.
        onAttempt: ({ ok, detail }) => {
          if (!asked && !ok && detail !== said) tell("ready", false, detail);
          said = detail;
        },
        onChange: (health, { detail }) => {
          tell("ready", health === "Ready", detail);
          if (health !== "Ready" || asked || !live) return;
          asked = true;
          watchProbe(live, {
            ...timing,
            // It was ready: there is no start to be impatient about, and a liveness that never succeeds must be told.
            slow: true,
            signal: stop.signal,
            onChange: (now, result) => {
              if (now === "Unhealthy") tell("live", false, result.detail);
            },
          });
        },
      });
    },
    unwatch(id) {
      watching.get(unitKey(id))?.abort();
      watching.delete(unitKey(id));
    },
    close() {
      for (const stop of watching.values()) stop.abort();
      watching.clear();
    },
  };
}
