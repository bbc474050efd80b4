import type { Effect, LifecycleEvent } from "../lifecycle-types.ts";
import { keyOf } from "./spec.ts";

/** An event or an effect in a line: `signal web/0/1 SIGTERM`. */
export function words(what: LifecycleEvent | Effect): string {
  if (what.type === "desire") return `desire ${what.spec.resource}/${what.spec.generation} x ${what.spec.replicas}`;
  if (what.type === "changed")
    return `${keyOf(what)} ${what.unit.state} ${what.unit.health}${what.unit.detail && `: ${what.unit.detail}`}`;
  const {
    type,
    at: _at,
    random: _random,
    resource,
    replica,
    generation,
    ...rest
  } = {
    at: 0,
    random: 0,
    resource: "",
    replica: 0,
    generation: 0,
    ...what,
  };
  const unit = "replica" in what ? keyOf({ resource, replica, generation }) : resource;
  const more = Object.values(rest).map((each) => (typeof each === "object" ? JSON.stringify(each) : String(each)));
  return [type, unit, ...more].filter((each) => each !== "").join(" ");
}
