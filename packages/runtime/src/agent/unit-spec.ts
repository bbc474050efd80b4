import type { DesiredUnitSpec } from "@caisson/core/run";
import type { DriverCapabilities } from "../drivers/driver.ts";
import type { GenerationRecord } from "./records.ts";

/** How long a new generation may take at least to be ready before the old one is kept; where its checks are more patient, as they. */
const leastReadyWithinMs = 60_000;

/** What the reducer is told of a generation. */
export function unitSpec(
  record: GenerationRecord,
  replicas: number,
  capabilities: DriverCapabilities,
): DesiredUnitSpec {
  const { resource } = record;
  return {
    resource: resource.name,
    generation: record.generation,
    kind: resource.kind,
    replicas,
    restart: resource.restart,
    stop: resource.stop,
    probed: resource.ready !== undefined,
    needs: record.needs,
    // Beside the old one only where both may listen; a store's data has one owner at a time.
    replace: record.launch.sharesPort && capabilities.sharedPorts ? "start-first" : "stop-first",
    readyWithinMs: Math.max(leastReadyWithinMs, resource.probeTiming.startPeriodMs),
  };
}
