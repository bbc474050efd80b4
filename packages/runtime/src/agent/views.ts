import type { Health, State, Unit } from "@caisson/core/run";
import type { GenerationRecord, StatusRecord } from "./records.ts";
import type { ResourceView } from "./protocol.ts";

/** What a view is made of, besides the units. */
export interface ViewSource {
  /** Of the generation that is wanted. */
  readonly record: GenerationRecord;
  readonly status: StatusRecord;
  readonly units: readonly Unit[];
  readonly rollout: ResourceView["rollout"];
  readonly pids: readonly number[];
  readonly addresses: Readonly<Record<string, string>>;
  /** Epoch ms minus monotonic ms. */
  readonly clockOffset: number;
}

/** Worst first: a resource with replicas shows the state that most needs a look. */
const byConcern: readonly State[] = [
  "CrashLoop",
  "Failed",
  "Exited",
  "Stopping",
  "Waiting",
  "Starting",
  "Running",
  "Completed",
];
const healthByConcern: readonly Health[] = ["Unhealthy", "Unknown", "Ready"];

/** One resource as `ps` shows it, from its units. While a new generation starts beside the old one, both count. */
export function viewOf({ record, status, units, rollout, pids, addresses, clockOffset }: ViewSource): ResourceView {
  const { resource } = record;
  const lead = worst(units);
  const wall = (time: number | null | undefined): number | null =>
    time === null || time === undefined ? null : Math.round(time + clockOffset);
  const ended = status.succeeded === true ? "Completed" : "Exited";
  const urls = resource.ports
    .filter((port) => port.published === "always" && port.protocol === "http")
    .flatMap((port) => addresses[port.name] ?? []);
  return {
    name: resource.name,
    kind: resource.kind,
    component: resource.component,
    ...(resource.members && { members: resource.members.map(({ name }) => name) }),
    state: lead?.state ?? (resource.kind === "external" ? "Running" : ended),
    health: lead?.health ?? "Unknown",
    generation: record.generation,
    rollout,
    replicas: {
      wanted: status.stopped ? 0 : status.replicas,
      ready: units.filter((unit) => unit.health === "Ready").length,
    },
    since: wall(lead?.since) ?? 0,
    startedAt: wall(lead?.startedAt),
    readyAt: wall(lead?.readyAt),
    restarts: units.reduce((sum, unit) => sum + unit.restarts, 0),
    detail: lead?.detail ?? detailOf(resource.kind, status),
    waitingFor: lead?.waitingFor ?? [],
    exit: lead?.exit ?? null,
    exitCode: lead?.exit?.code ?? null,
    pids,
    addresses,
    urls,
    logins: resource.logins,
    provider: record.binding ? `${record.binding.provider} ${record.binding.version}` : "",
    needs: [...new Set(record.needs.map((need) => need.resource))],
  };
}

function detailOf(kind: string, status: StatusRecord): string {
  if (status.stopped) return "stopped by hand";
  if (kind === "external") return "runs elsewhere";
  if (kind === "command") return "run it with caisson run";
  return "";
}

function worst(units: readonly Unit[]): Unit | undefined {
  return [...units].sort(
    (a, b) =>
      byConcern.indexOf(a.state) - byConcern.indexOf(b.state) ||
      healthByConcern.indexOf(a.health) - healthByConcern.indexOf(b.health) ||
      b.generation - a.generation,
  )[0];
}
