import type { ResourceView } from "@caisson/runtime";
import type { Cell, Column } from "./table.ts";
import { tableLines, type TableOptions } from "./table.ts";
import type { Tone } from "./style.ts";
import { seconds, span } from "./time.ts";

/** The table of `ps`. `now`: epoch ms. */
export function resourceTable(views: readonly ResourceView[], now: number, options: TableOptions): string[] {
  const columns: Column[] = [
    { title: "NAME", min: 12 },
    { title: "KIND", drop: 2 },
    { title: "STATE" },
    { title: "HEALTH", drop: 7 },
    { title: "REPLICAS", align: "right", drop: 3 },
    { title: "SINCE", align: "right", drop: 4 },
    { title: "RESTARTS", align: "right", drop: 1 },
    { title: "ADDRESS", min: 21, drop: 5 },
    { title: "DETAIL", min: 16, drop: 6 },
  ];
  const rows = views.map((view): Cell[] => [
    view.name,
    view.component === "program" ? view.kind : view.component,
    stateCell(view),
    healthCell(view),
    view.replicas.wanted > 1 || view.replicas.ready > 1 ? `${view.replicas.ready}/${view.replicas.wanted}` : "",
    view.since === 0 ? "" : span(now - view.since),
    view.restarts === 0 ? "" : String(view.restarts),
    addressOf(view),
    { text: reasonOf(view) || (view.members ?? []).join(", "), tone: "dim" },
  ]);
  return tableLines(columns, rows, options);
}

/** The live table of `up`: why each one waits, and how long it took. `begun`: when this `up` began, epoch ms. */
export function progressTable(
  views: readonly ResourceView[],
  now: number,
  begun: number,
  options: TableOptions,
): string[] {
  const columns: Column[] = [
    { title: "RESOURCE", min: 12 },
    { title: "STATE", atLeast: 9 },
    { title: "HEALTH", atLeast: 9, drop: 2 },
    { title: "TIME", align: "right", atLeast: 6, drop: 4 },
    { title: "ADDRESS", min: 21, drop: 1 },
    { title: "WHY", keep: true, atLeast: 24, min: 16, drop: 3 },
  ];
  const started = views.filter(({ kind }) => kind !== "command");
  const rows = started.map((view): Cell[] => [
    view.name,
    stateCell(view),
    healthCell(view),
    elapsed(view, now, begun),
    addressOf(view),
    { text: reasonOf(view), tone: "dim" },
  ]);
  return tableLines(columns, rows, options);
}

/** Why a resource is not simply running: what it waits for, or the last thing known of it. */
export function reasonOf(view: ResourceView): string {
  if (view.state === "Waiting" && view.waitingFor.length > 0) return `waits for ${view.waitingFor.join(", ")}`;
  if (view.state === "Running" && view.health === "Ready") return "";
  return view.detail;
}

/** What people open, else where programs reach it. */
export function addressOf(view: ResourceView): string {
  const [url] = view.urls;
  if (url !== undefined) return url;
  const { management: _, ...others } = view.addresses;
  // What speaks no HTTP is not opened by its address: host and port are what people look for.
  return (Object.values(others)[0] ?? "").replace(/^(?!https?:)[a-z]+:\/\//, "");
}

/** The tone of a state: what is as it should be is good, what is on its way is busy. */
export function stateTone(state: ResourceView["state"]): Tone {
  const tones: Readonly<Record<ResourceView["state"], Tone>> = {
    Waiting: "dim",
    Starting: "busy",
    Running: "good",
    Stopping: "busy",
    Exited: "dim",
    Completed: "good",
    Failed: "bad",
    CrashLoop: "bad",
  };
  return tones[state];
}

function stateCell({ state, kind, pids }: ResourceView): Cell {
  // A command has no state of its own until someone runs it.
  if (kind === "command" && pids.length === 0) return { text: "-", tone: "dim" };
  return { text: state, tone: stateTone(state) };
}

function healthCell({ health }: ResourceView): Cell {
  const tones = { Ready: "good", Unhealthy: "bad", Unknown: "dim" } as const;
  return { text: health === "Unknown" ? "-" : health, tone: tones[health] };
}

/** From the beginning of `up` to ready, or until now; nothing for what was ready before. */
function elapsed(view: ResourceView, now: number, begun: number): string {
  const done = view.readyAt ?? (view.state === "Completed" ? view.since : null);
  if (done !== null && (view.health === "Ready" || view.state === "Completed"))
    return done < begun ? "" : seconds(done - begun);
  if (view.state === "Exited") return "";
  return seconds(now - begun);
}
