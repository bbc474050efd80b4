import { describe, expect, it } from "vitest";
import { sampleGraph } from "./testing/sample-graph.ts";
import { why, type WhyResource } from "./why.ts";

const now = 100_000_000;

/** A running, ready service; `rest` says what is the matter. */
function resource(name: string, rest: Partial<WhyResource> = {}): WhyResource {
  const { edges, resources } = sampleGraph();
  return {
    name,
    kind: resources.find((each) => each.name === name)?.kind ?? "service",
    state: "Running",
    health: "Ready",
    generation: 1,
    replicas: { wanted: 1, ready: 1 },
    since: now - 65_000,
    restarts: 0,
    detail: "",
    waitingFor: [],
    exit: null,
    urls: [],
    needs: [...new Set(edges.filter((edge) => edge.from === name && edge.strength === "needs").map((edge) => edge.to))],
    ...rest,
  };
}

const tell = (name: string, ...resources: readonly WhyResource[]): string =>
  `\n${why(name, { now, resources, edges: sampleGraph().edges }).join("\n")}\n`;
const exit = (code: number) => ({ code, signal: null, oom: false });
const waiting = (waitingFor: readonly string[]): Partial<WhyResource> => ({
  state: "Waiting",
  health: "Unknown",
  since: now - 12_000,
  waitingFor,
  detail: `waiting for ${waitingFor.join(" and ")}`,
});

describe("why", () => {
  it("follows what a resource waits for down to where it begins", () => {
    const text = tell(
      "query-service",
      resource("query-service", waiting(["postgres", "postgres-provision", "migrate"])),
      resource("migrate", waiting(["postgres", "postgres-provision"])),
      resource("postgres-provision", waiting(["postgres"])),
      resource("postgres", {
        state: "CrashLoop",
        health: "Unknown",
        since: now - 3400,
        restarts: 6,
        exit: exit(1),
        detail: "crashed 6 times in a row, last: exit code 1; tried again in 30 s",
        lastLines: ["LOG:  starting PostgreSQL 18.1", 'FATAL:  could not create lock file "postmaster.pid"'],
      }),
    );
    expect(text).toMatchInlineSnapshot(`
      "
      query-service has been waiting for 12 s: waiting for postgres and postgres-provision and migrate
        because postgres has been in a crash loop for 3.4 s: crashed 6 times in a row, last: exit code 1; tried again in 30 s [query-service config/databaseUrl]
        because postgres-provision has been waiting for 12 s: waiting for postgres [query-service config/databaseUrl]
          because of postgres (see above) [postgres-provision config/adminUrl]
        because migrate has been waiting for 12 s: waiting for postgres and postgres-provision [query-service after]
          because of postgres (see above) [migrate config/databaseUrl]
          because of postgres-provision (see above) [migrate config/databaseUrl]
      it begins with postgres:
        last end: exit code 1, 6 times restarted
        last lines:
          | LOG:  starting PostgreSQL 18.1
          | FATAL:  could not create lock file "postmaster.pid"
      "
    `);
  });

  it("tells the last answer of the probe of what runs without being ready, and that its needs are well", () => {
    const text = tell(
      "api-gateway",
      resource("api-gateway", {
        health: "Unknown",
        detail: "not ready: 503 schema 3, expected 4",
        lastLines: ['{"level":"warn","msg":"schema 3, expected 4"}'],
      }),
      resource("migrate", { state: "Completed", health: "Unknown" }),
      resource("postgres-provision", { state: "Completed", health: "Unknown" }),
      resource("postgres"),
    );
    expect(text).toMatchInlineSnapshot(`
      "
      api-gateway has been running but not ready yet for 65 s: not ready: 503 schema 3, expected 4
        last lines:
          | {"level":"warn","msg":"schema 3, expected 4"}
      "
    `);
  });

  it("blames the need that went away under what runs", () => {
    const text = tell(
      "api-gateway",
      resource("api-gateway", { health: "Unhealthy", detail: "not ready: 503 database" }),
      resource("migrate", { state: "Completed", health: "Unknown" }),
      resource("postgres-provision", { state: "Completed", health: "Unknown" }),
      resource("postgres", { state: "Exited", health: "Unknown", detail: "stopped by hand" }),
    );
    expect(text).toMatchInlineSnapshot(`
      "
      api-gateway has been running but unhealthy for 65 s: not ready: 503 database
        because postgres stopped 65 s ago: stopped by hand [api-gateway config/databaseUrl]
      it begins with postgres
      "
    `);
  });

  it("tells what went away under what is ready, for it may not have been asked since", () => {
    const text = tell(
      "api-gateway",
      resource("api-gateway"),
      resource("migrate", { state: "Completed", health: "Unknown" }),
      resource("postgres-provision", { state: "Completed", health: "Unknown" }),
      resource("postgres", { state: "Exited", health: "Unknown", since: now - 1200, detail: "stopped by hand" }),
    );
    expect(text).toMatchInlineSnapshot(`
      "
      api-gateway has been running and ready for 65 s
        although postgres stopped 1.2 s ago: stopped by hand [api-gateway config/databaseUrl]
      it begins with postgres
      "
    `);
  });

  it("says what is well, with its past", () => {
    expect(
      tell(
        "postgres",
        resource("postgres", { restarts: 2, exit: { code: null, signal: "SIGKILL", oom: true }, since: now - 9e6 }),
      ),
    ).toMatchInlineSnapshot(`
      "
      postgres has been running and ready for 2.5 h; restarted 2 times, last after out of memory
      "
    `);
    const replicas = { wanted: 3, ready: 3 };
    expect(tell("edge", resource("edge", { replicas }))).toMatchInlineSnapshot(`
      "
      edge has been running and ready for 65 s (3 of 3 replicas ready)
      "
    `);
    expect(tell("migrate", resource("migrate", { state: "Completed", health: "Unknown" }))).toMatchInlineSnapshot(`
      "
      migrate completed 65 s ago
      "
    `);
  });

  it("says where a name is that does not run", () => {
    const snapshot = {
      now,
      resources: [resource("redis")],
      skipped: [{ name: "edge", reason: "profile production is off" }],
    };
    expect(why("edge", snapshot)).toEqual(["edge is off: profile production is off"]);
    expect(why("rediss", snapshot)).toEqual(["rediss is not in the stack; did you mean redis?"]);
  });

  it("ends where resources wait for each other", () => {
    const text = tell("edge", resource("edge", waiting(["redis"])), resource("redis", waiting(["edge"])));
    expect(text).toMatchInlineSnapshot(`
      "
      edge has been waiting for 12 s: waiting for redis
        because redis has been waiting for 12 s: waiting for edge
          because of edge (see above)
      "
    `);
  });
});
