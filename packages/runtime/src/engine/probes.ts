import type { UnitId } from "@caisson/core/run";

/** Watches the probes of running units. The agent's implementation asks over the wire; tests hand in a scripted one. */
export interface Probes {
  /** Probes at once and often until ready, slowly after; `tell` hears of every change. Without probes: ready at once. */
  watch(id: UnitId, tell: (probe: "ready" | "live", ok: boolean, detail: string) => void): void;
  unwatch(id: UnitId): void;
  close(): void;
}
