import type { AgentEvent } from "@caisson/runtime";
import type { Context } from "../context.ts";
import { resourceJson } from "../render/resource-json.ts";
import { changeLine } from "./change-line.ts";
import { liveBoard } from "./live-board.ts";

/** Shows what an agent tells while something is going on. */
export interface Progress {
  event(event: AgentEvent): void;
  /** Ends what is redrawn in place; the last picture stays. */
  end(): void;
}

/** The live table on a terminal, objects for a program, else a line an event. `begun`: epoch ms. */
export function progressFor(context: Context, begun: number, json: boolean): Progress {
  if (json) return jsonProgress(context);
  return context.live ? liveBoard(context.stderr, context.now, begun) : lineProgress(context, begun);
}

/** A line for each change; also what a foreground `up` says beside the logs. */
export function lineProgress({ stderr, now }: Context, begun: number): Progress {
  const line = changeLine(stderr.color, begun);
  return {
    event(event) {
      const text = line(event, now());
      if (text !== undefined) stderr.write(`${text}\n`);
    },
    end: () => {},
  };
}

function jsonProgress({ stdout }: Context): Progress {
  return {
    event(event) {
      if (event.type !== "error") stdout.write(`${JSON.stringify(eventJson(event))}\n`);
    },
    end: () => {},
  };
}

function eventJson(event: AgentEvent): unknown {
  if (event.type === "resource") return { ...event, resource: resourceJson(event.resource) };
  return event.type === "resources" ? { ...event, resources: event.resources.map(resourceJson) } : event;
}
