import type { Condition } from "../../model/resource.ts";
import type { DesiredUnitSpec } from "../lifecycle-types.ts";
import type { ResourceRecord, System } from "./system.ts";
import { replicasOf, targetOf } from "./unit.ts";

/** The needs of a spec that are not satisfied now. */
export function unmetNeeds(resources: System["resources"], spec: DesiredUnitSpec): DesiredUnitSpec["needs"] {
  return spec.needs.filter((need) => !isOpen(resources.get(need.resource), need.condition));
}

/** `waiting for postgres to be healthy and migrate to complete`. */
export function gateWords(needs: DesiredUnitSpec["needs"]): string {
  const words: Record<Condition, string> = { started: "to start", healthy: "to be healthy", completed: "to complete" };
  return `waiting for ${needs.map((need) => `${need.resource} ${words[need.condition]}`).join(" and ")}`;
}

/**
 * One replica is enough to start a dependant, whatever its generation; `completed` asks for the current generation, so
 * that what needs a migration never starts on the strength of last week's.
 */
function isOpen(record: ResourceRecord | undefined, condition: Condition): boolean {
  if (!record) return false;
  if (record.spec.kind === "external") return true;
  if (hasCompleted(record)) return true;
  if (condition === "completed") return false;
  return record.units.some((unit) => unit.state === "Running" && (condition === "started" || unit.health === "Ready"));
}

function hasCompleted(record: ResourceRecord): boolean {
  const target = targetOf(record);
  const current = record.units.filter((unit) => unit.generation === target.generation);
  return (
    current.length > 0 && current.length >= replicasOf(target) && current.every(({ state }) => state === "Completed")
  );
}
