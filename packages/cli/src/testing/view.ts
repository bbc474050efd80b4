import type { ResourceView } from "@caisson/runtime";

/** A resource that runs and is ready, but for what a test says otherwise. */
export function view(name: string, change: Partial<ResourceView> = {}): ResourceView {
  return {
    name,
    kind: "service",
    component: "program",
    state: "Running",
    health: "Ready",
    generation: 1,
    rollout: "none",
    replicas: { wanted: 1, ready: 1 },
    since: 1_000_000,
    startedAt: 1_000_000,
    readyAt: 1_000_500,
    restarts: 0,
    detail: "",
    waitingFor: [],
    exit: null,
    exitCode: null,
    pids: [4711],
    addresses: {},
    urls: [],
    logins: [],
    provider: "",
    needs: [],
    ...change,
  };
}

/** A stack in the middle of its start. */
export const starting: readonly ResourceView[] = [
  view("postgres", {
    kind: "component",
    component: "postgres",
    addresses: { postgres: "postgres://127.0.0.1:5432" },
    readyAt: 1_001_840,
  }),
  view("migrate", { kind: "job", state: "Starting", health: "Unknown", readyAt: null, detail: "started 0.2 s ago" }),
  view("api-gateway", {
    state: "Waiting",
    health: "Unknown",
    readyAt: null,
    startedAt: null,
    replicas: { wanted: 2, ready: 0 },
    waitingFor: ["migrate", "postgres-provision"],
    urls: ["http://127.0.0.1:8000"],
    addresses: { http: "http://127.0.0.1:8000" },
    pids: [],
  }),
  view("event-processor", {
    state: "CrashLoop",
    health: "Unhealthy",
    readyAt: null,
    restarts: 5,
    detail: "exit code 1: Error: cannot find\nthe queue \u001b[31m(ECONNREFUSED)\u001b[0m; tried again in 8 s",
  }),
];
