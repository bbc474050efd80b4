import type { Figure } from "./lib/figure.ts";

/** Every bench by name; each is loaded when it runs. */
export const benches: Readonly<Record<string, () => Promise<() => Promise<readonly Figure[]>>>> = {
  help: async () => (await import("./help.ts")).help,
  plan: async () => (await import("./plan.ts")).plan,
  twelve: async () => (await import("./twelve/twelve.ts")).twelve,
  idle: async () => (await import("./idle.ts")).idle,
  ingest: async () => (await import("./usage/ingest.ts")).ingest,
  "usage-tracking": async () => (await import("./usage-tracking.ts")).usageTracking,
  "usage-end-to-end": async () => (await import("./usage/end-to-end.ts")).endToEnd,
  "usage-backlog": async () => (await import("./usage/end-to-end.ts")).backlog,
  "usage-query": async () => (await import("./usage/query.ts")).query,
  docker: async () => (await import("./docker/docker.ts")).docker,
};
