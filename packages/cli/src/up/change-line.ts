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
        const text = sentence(event.resource, color);
        const known = last.get(name);
        last.set(name, text);
        // What is ready before this `up` began is no news.
        const old = known === undefined && event.resource.since < begun && calm(event.resource);
        return text === known || old ? undefined : `${time}  ${name}  ${text}`;
      }
      case "gone":
        return last.delete(event.name) ? `${time}  ${event.name}  removed` : undefined;
      case "note":
        return `${time}  ${oneLine(event.message)}`;
      case "operation":
        return event.status === "failed"
          ? `${time}  ${tint("failed", "bad", color)}: ${event.text}: ${oneLine(event.reason ?? "")}`
          : undefined;
      default:
        return undefined;
    }
  };
}

function calm({ state, health }: ResourceView): boolean {
  return (state === "Running" && health === "Ready") || state === "Completed" || state === "Exited";
}

function sentence(view: ResourceView, color: boolean): string {
  const state = tint(view.state, stateTone(view.state), color);
  const health =
    view.health === "Unknown" ? "" : ` ${tint(view.health, view.health === "Ready" ? "good" : "bad", color)}`;
  const ready = view.state === "Running" && view.health === "Ready";
  const rest = ready ? addressOf(view) : oneLine(reasonOf(view));
  const replicas = view.replicas.wanted > 1 ? ` ${view.replicas.ready}/${view.replicas.wanted}` : "";
  return `${state}${health}${replicas}${rest === "" ? "" : `  ${rest}`}`;
}
