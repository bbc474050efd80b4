import type { ResourcesDocument, ResourceView } from "@caisson/runtime";

/**
 * A resource as `--format json` shows it. This form is public and stays as it is; the agent's own may change. Times are
 * ISO 8601, `null` = never.
 */
export function resourceJson(view: ResourceView): Readonly<Record<string, unknown>> {
  return {
    name: view.name,
    kind: view.kind,
    component: view.component,
    ...(view.members && { members: view.members }),
    provider: view.provider,
    state: view.state,
    healthStatus: view.health,
    detail: view.detail,
    waitingFor: view.waitingFor,
    needs: view.needs,
    replicas: view.replicas,
    restarts: view.restarts,
    generation: view.generation,
    rollout: view.rollout,
    exitCode: view.exitCode,
    exitSignal: view.exit?.signal ?? null,
    pids: view.pids,
    addresses: view.addresses,
    urls: view.urls,
    logins: view.logins,
    stateTimestamp: iso(view.since === 0 ? null : view.since),
    startTimestamp: iso(view.startedAt),
    readyTimestamp: iso(view.readyAt),
  };
}

/** The answer of `ps`, `start`, `stop` and the like: one document, or with `jsonl` a line a resource. */
export function resourcesJson(document: ResourcesDocument, format: "json" | "jsonl"): string {
  const resources = document.resources.map(resourceJson);
  if (format === "jsonl") return resources.map((each) => `${JSON.stringify(each)}\n`).join("");
  return `${JSON.stringify({ resources, skipped: document.skipped }, null, 2)}\n`;
}

/** Epoch ms as ISO 8601. */
export function iso(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}
