import type { DesiredResource, Identity, ObservedResource } from "../plan-types.ts";
import { dataId } from "../data-id.ts";
import { dataOf, type PlanDraft } from "./draft.ts";

/** What has to happen to a resource, and why. */
export interface Change {
  readonly cause: string;
  /** `run`: another generation; `same`: the one there is, started or scaled; `wait`: nothing but to see it arrive. */
  readonly kind: "run" | "same" | "wait";
}

/** The change a resource needs; `undefined` when it is as it should be, or not ours to start. */
export function changeOf(draft: PlanDraft, resource: DesiredResource): Change | undefined {
  if (!resource.start) return undefined;
  const found = draft.observed.get(resource.name);
  if (!found) return { cause: newCause(draft, resource), kind: "run" };
  const scaled = scaleCause(resource, found);
  const causes = [...identityCauses(resource, found), ...lostCause(draft, resource)];
  if (causes.length > 0) return { cause: [...causes, ...scaled].join(", "), kind: "run" };
  if (resource.kind === "job") return jobChange(draft, resource, found);
  if (resource.kind === "schedule" || resource.kind === "external") return undefined;
  const idle = idleCause(found);
  if (idle !== undefined) return { cause: [idle, ...scaled].join(", "), kind: "same" };
  if (scaled.length > 0) return { cause: scaled.join(", "), kind: "same" };
  return isOnItsWay(found) ? { cause: "not ready yet", kind: "wait" } : undefined;
}

function lostCause(draft: PlanDraft, resource: DesiredResource): string[] {
  const there = new Set(dataOf(draft, resource).map((volume) => volume.name));
  const lost = resource.volumes.filter(({ name }) => !there.has(name));
  return lost.length === 0 ? [] : [`its data (${lost.map(({ name }) => name).join(", ")}) is not there`];
}

function newCause(draft: PlanDraft, { name, renamedFrom }: DesiredResource): string {
  return renamedFrom !== undefined && draft.renames.get(renamedFrom) === name ? `renamed from ${renamedFrom}` : "new";
}

function identityCauses(resource: DesiredResource, found: ObservedResource): string[] {
  const causes: string[] = [];
  if (resource.kind !== found.kind) causes.push(`kind changed (${found.kind} -> ${resource.kind})`);
  if (resource.component !== found.component)
    causes.push(`component changed (${found.component} -> ${resource.component})`);
  if (resource.identity.config !== found.identity.config) causes.push(...configCauses(resource, found));
  if (resource.identity.program !== found.identity.program) causes.push(programCause(resource, found.identity));
  return causes;
}

/** The most telling reason alone: what an optional part or a default brought about is not the user's edit. */
function configCauses({ identity, optionals = [] }: DesiredResource, found: ObservedResource): string[] {
  const before = found.optionals ?? [];
  const came = optionals.filter((name) => !before.includes(name)).map((name) => `${name} is available now`);
  const went = before.filter((name) => !optionals.includes(name)).map((name) => `${name} is not available any more`);
  if (came.length + went.length > 0) return [...came, ...went];
  return identity.catalogue === found.identity.catalogue
    ? ["config changed"]
    : [`default of the catalogue changed (${found.identity.catalogue} -> ${identity.catalogue})`];
}

/** A component's program is the provider it is bound to, which has a name and a version worth showing. */
function programCause({ kind, identity }: DesiredResource, before: Identity): string {
  return kind === "component" ? `provider changed (${before.program} -> ${identity.program})` : "program changed";
}

function jobChange(draft: PlanDraft, resource: DesiredResource, found: ObservedResource): Change | undefined {
  const stale = newData(draft, resource, found);
  if (stale !== undefined && found.succeeded === true) return { cause: `data of ${stale} is new`, kind: "run" };
  if (found.succeeded === true) return undefined;
  if (found.stopped) return { cause: "stopped by hand", kind: "run" };
  if (isLive(found)) return { cause: "not finished yet", kind: "wait" };
  return { cause: found.succeeded === false ? "last run failed" : "has not run to its end", kind: "run" };
}

/** The first store a job needs whose data is not the data it last ran against. */
function newData(draft: PlanDraft, { needs }: DesiredResource, found: ObservedResource): string | undefined {
  return needs
    .map((need) => need.resource)
    .find((name) => {
      const store = draft.desired.get(name);
      if (!store || store.volumes.length === 0) return false;
      return found.ranAgainst[name] !== dataId(dataOf(draft, store));
    });
}

function scaleCause(resource: DesiredResource, found: ObservedResource): string[] {
  const counts = resource.kind === "service" || resource.kind === "component";
  return counts && resource.replicas !== found.replicas ? [`scaled ${found.replicas} -> ${resource.replicas}`] : [];
}

function idleCause({ stopped, state }: ObservedResource): string | undefined {
  if (stopped) return "stopped by hand";
  if (state === "Exited") return "not running";
  if (state === "Failed") return "failed before";
  return state === "CrashLoop" ? "in a crash loop" : undefined;
}

function isOnItsWay({ state, health, replicas }: ObservedResource): boolean {
  if (replicas === 0) return false;
  return state === "Waiting" || state === "Starting" || (state === "Running" && health === "Unknown");
}

function isLive({ state }: ObservedResource): boolean {
  return state === "Waiting" || state === "Starting" || state === "Running" || state === "Stopping";
}
