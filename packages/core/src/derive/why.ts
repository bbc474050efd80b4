import type { Condition } from "../model/resource.ts";
import type { Skipped } from "../model/resolved.ts";
import { nearest } from "../errors/nearest.ts";
import type { Exit, Health, State } from "../plan/lifecycle-types.ts";
import { exitWords, spanWords } from "../plan/lifecycle/words.ts";

/** One resource as it is now. Times are epoch ms. The agent's resource view is one, once `lastLines` are added. */
export interface WhyResource {
  readonly name: string;
  readonly kind: string;
  readonly state: State;
  readonly health: Health;
  readonly generation: number;
  readonly replicas: { readonly wanted: number; readonly ready: number };
  readonly since: number;
  readonly restarts: number;
  readonly detail: string;
  readonly waitingFor: readonly string[];
  readonly exit: Exit | null;
  readonly urls: readonly string[];
  /** Names of what gates its start. */
  readonly needs: readonly string[];
  /** The end of its log, oldest first. */
  readonly lastLines?: readonly string[];
}

/** What is known of a stack at `now` (epoch ms). `edges` say which reference made a need. */
export interface WhySnapshot {
  readonly now: number;
  readonly resources: readonly WhyResource[];
  readonly skipped?: readonly Skipped[];
  readonly edges?: readonly {
    readonly from: string;
    readonly to: string;
    readonly condition: Condition;
    readonly why: string;
  }[];
}

/**
 * Why a resource is as it is: what it does and since when, then the chain of what it waits for, down to where the trouble
 * begins, with the last answer of its probe, how it ended and its last lines. One string a line, indented by depth.
 */
export function why(name: string, snapshot: WhySnapshot): string[] {
  const byName = new Map(snapshot.resources.map((resource) => [resource.name, resource]));
  const resource = byName.get(name);
  if (!resource) return [absent(name, snapshot)];
  const roots: WhyResource[] = [];
  const lines: string[] = [];
  const seen = new Set<string>();
  const pending: { readonly name: string; readonly depth: number; readonly from: string }[] = [
    { name, depth: 0, from: "" },
  ];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const at = byName.get(next.name);
    const parent = byName.get(next.from);
    const word = parent && isWell(parent) ? "although" : "because";
    const lead = next.depth === 0 ? "" : `${"  ".repeat(next.depth)}${word} `;
    if (!at) {
      lines.push(`${lead}${absent(next.name, snapshot)}`);
      continue;
    }
    if (seen.has(next.name)) {
      lines.push(`${lead}of ${next.name} (see above)${reference(next, snapshot)}`);
      continue;
    }
    seen.add(next.name);
    lines.push(`${lead}${sentence(at, snapshot.now)}${reference(next, snapshot)}`);
    const causes = causesOf(at, byName);
    if (causes.length === 0 && !isWell(at)) roots.push(at);
    // Last in, first out: pushed in reverse, they are told in order.
    for (const cause of [...causes].reverse()) pending.push({ name: cause, depth: next.depth + 1, from: next.name });
  }
  return [...lines, ...roots.flatMap((root) => rootLines(root, root.name !== name))];
}

/**
 * What holds a resource back: the gates it waits for; or, of what runs without being ready, the needs that are not well. Of
 * what is ready, too: it may not have been asked since they went.
 */
function causesOf(resource: WhyResource, byName: ReadonlyMap<string, WhyResource>): readonly string[] {
  if (resource.state === "Waiting" && resource.waitingFor.length > 0) return resource.waitingFor;
  if (resource.state === "Stopping" || resource.state === "Completed") return [];
  return resource.needs.filter((name) => {
    const need = byName.get(name);
    return need ? !isWell(need) : !isWell(resource);
  });
}

function isWell({ kind, state, health }: WhyResource): boolean {
  if (kind === "external" || state === "Completed") return true;
  return state === "Running" && health !== "Unhealthy" && (health === "Ready" || kind === "job");
}

function sentence(resource: WhyResource, now: number): string {
  const { state, health, detail, replicas } = resource;
  const counts =
    replicas.wanted > 1 && state === "Running" ? ` (${replicas.ready} of ${replicas.wanted} replicas ready)` : "";
  const past = state === "Running" && health === "Ready" && resource.restarts > 0 ? `; ${restartWords(resource)}` : "";
  return `${doing(resource, now)}${counts}${detail === "" ? "" : `: ${detail}`}${past}`;
}

const ongoing = {
  Waiting: "waiting",
  Starting: "starting",
  Running: "running",
  Stopping: "stopping",
  CrashLoop: "in a crash loop",
} as const satisfies Partial<Record<State, string>>;
const over = { Exited: "stopped", Completed: "completed", Failed: "failed" } as const;

function doing(resource: WhyResource, now: number): string {
  const { name, state, since } = resource;
  const span = since > 0 ? spanWords(Math.max(0, now - since)) : undefined;
  if (state === "Exited" || state === "Completed" || state === "Failed")
    return `${name} ${over[state]}${span === undefined ? "" : ` ${span} ago`}`;
  const words = `${ongoing[state]}${healthWords(resource)}`;
  return span === undefined ? `${name} is ${words}` : `${name} has been ${words} for ${span}`;
}

function healthWords({ kind, state, health }: WhyResource): string {
  if (state !== "Running" || kind === "job" || kind === "external") return "";
  return { Ready: " and ready", Unhealthy: " but unhealthy", Unknown: " but not ready yet" }[health];
}

function restartWords({ restarts, exit }: WhyResource): string {
  const count = restarts === 1 ? "restarted once" : `restarted ${restarts} times`;
  return exit === null ? count : `${count}, last after ${exitWords(exit)}`;
}

function reference(
  { name, from }: { readonly name: string; readonly from: string },
  { edges = [] }: WhySnapshot,
): string {
  const edge = edges.find((each) => each.from === from && each.to === name);
  return edge ? ` [${from} ${edge.why}]` : "";
}

function rootLines({ name, exit, state, restarts, lastLines = [] }: WhyResource, named: boolean): string[] {
  const ended =
    exit === null || state === "Running" ? [] : [`last end: ${exitWords(exit)}, ${times(restarts)} restarted`];
  const log = lastLines.length === 0 ? [] : ["last lines:", ...lastLines.map((line) => `  | ${line}`)];
  const facts = [...ended, ...log];
  const head = named ? [`it begins with ${name}${facts.length > 0 ? ":" : ""}`] : [];
  return [...head, ...facts.map((line) => `  ${line}`)];
}

function times(count: number): string {
  return count === 1 ? "once" : count === 0 ? "never" : `${count} times`;
}

function absent(name: string, { resources, skipped = [] }: WhySnapshot): string {
  const off = skipped.find((each) => each.name === name);
  if (off) return `${name} is off: ${off.reason}`;
  const near = nearest(
    name,
    resources.map((resource) => resource.name),
  );
  return `${name} is not in the stack${near === undefined ? "" : `; did you mean ${near}?`}`;
}
