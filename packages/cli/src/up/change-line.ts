import type { AgentEvent, ResourceView } from "@caisson/runtime";
import { addressOf, reasonOf, stateTone } from "../render/resources.ts";
import { tint } from "../render/style.ts";
import { seconds } from "../render/time.ts";
import { oneLine } from "../render/width.ts";

/** Makes the line of an event; nothing where it changes nothing people would see. `begun` and `now`: epoch ms. */
export function changeLine(color: boolean, begun: number): (event: AgentEvent, now: number) => string | undefined {
  const last = new Map<string, string>();
  return (event, now) => {
    const time = tint(seconds(now - begun).padStart(7), "dim", color);
    switch (event.type) {
      case "resource": {
        const { name } = event.resource;
        const text = sentence(event.resource, color, now);
        const known = last.get(name);
        last.set(name, text);
        // What is ready before this `up` began is no news, nor is how a run ended that this `up` did not see begin.
        const before = event.resource.since < begun || event.resource.state === "Exited";
        const old = known === undefined && before && calm(event.resource);
        return text === known || old ? undefined : `${time}  ${name}  ${text}`;
      }
      case "gone":
        return last.delete(event.name) ? `${time}  ${event.name}  removed` : undefined;
      case "note":
        return `${time}  ${oneLine(event.message)}`;
      default:
        return undefined;
    }
  };
}

function calm({ state, health }: ResourceView): boolean {
  return (state === "Running" && health === "Ready") || state === "Completed" || state === "Exited";
}

/** What a program says before it is ready is news only when that takes long. */
const earlyMs = 1000;

function sentence(view: ResourceView, color: boolean, now: number): string {
  const state = tint(view.state, stateTone(view.state), color);
  const health =
    view.health === "Unknown" ? "" : ` ${tint(view.health, view.health === "Ready" ? "good" : "bad", color)}`;
  const ready = view.state === "Running" && view.health === "Ready";
  const early = view.state === "Running" && view.health === "Unknown" && now - view.since < earlyMs;
  const rest = ready ? addressOf(view) : early ? "" : oneLine(reasonOf(view));
  const replicas = view.replicas.wanted > 1 ? ` ${view.replicas.ready}/${view.replicas.wanted}` : "";
  return `${state}${health}${replicas}${rest === "" ? "" : `  ${rest}`}`;
}
