import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { createClient } from "@redis/client";
import Docker from "dockerode";
import { expect, test } from "vitest";
import { containerLabels } from "@caisson/core/run";
import { dockerStack, until, withoutEngine, type DockerStack } from "../testing/docker-stack.ts";
import { openClient } from "./testing/apply.ts";
import { makeKey } from "./testing/programs.ts";
import { send } from "./testing/stack.ts";
import { llmEvent } from "./testing/usage-events.ts";

const missing = await withoutEngine();
const docker = new Docker();

/** What Debian has no package of. Where an engine has their images all the same, they are scraped and their alerts shown, too. */
const notInDebian = ["alloy", "grafana", "loki"];

const everywhere = [
  "aggregation-service",
  "alertmanager",
  "api-gateway",
  "cadvisor",
  "event-processor",
  "nginx-exporter",
  "node-exporter",
  "postgres-exporter",
  "prometheus",
  "query-service",
  "redis-exporter",
];

/** The five minutes that an alert looks back, then a scrape, a rule, a notification, and a machine that does much else. */
const patienceMs = 540_000;

/**
 * They fire, and Prometheus shows them, but who would tell of them is what is down; back again, it tells of what is critical
 * about the same.
 */
const untold: readonly string[] = ["alertmanager/TargetDown", "alertmanager/AvailabilityLow"];

/** Whom a job tells about. */
function resourceOf(job: string): string {
  return job.replace(/^(postgres|redis|nginx)-exporter$/, "$1");
}

interface Target {
  readonly labels: Readonly<Record<string, string>>;
  readonly health: string;
  readonly lastError: string;
}

interface Rule {
  readonly name: string;
  readonly type: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly lastError?: string;
}

test.skipIf(missing !== "")(
  `on a Docker Engine every target is up, every alert fires for real and is told, and an outage lowers availability${missing && ` (skipped: ${missing})`}`,
  { timeout: 1_800_000 },
  async () => {
    await using stack = await dockerStack("usage-tracking", "testing/alerting-stack.ts");
    await stack.run("build");
    const profiles = ["--profile", "production", "--profile", "monitoring"];
    const unavailable = await stack.unavailable(...profiles, "--set", "auditEverySeconds=1");
    for (const [name, why] of unavailable) console.log(`${name}: ${why}`);
    expect(notInDebian).toEqual(expect.arrayContaining([...unavailable.keys()]));
    const jobs = [...everywhere, ...notInDebian.filter((name) => !unavailable.has(name))].toSorted();
    const without = [...unavailable.keys()].flatMap((name) => ["--without", name]);
    await stack.run("up", "--wait", "--target", "docker", ...profiles, ...without, "--set", "auditEverySeconds=1");
    const watch = await watcher(stack);

    // Every declared target is there and up.
    await until(async () => {
      const { activeTargets } = await watch.ask<{ activeTargets: Target[] }>("targets");
      const seen = activeTargets.map(({ labels: { job }, health, lastError }) =>
        `${job} ${health} ${lastError}`.trim(),
      );
      expect(seen.toSorted()).toEqual(jobs.map((job) => `${job} up`));
    });
    const { groups } = await watch.ask<{ groups: { rules: Rule[] }[] }>("rules");
    const rules = groups.flatMap((group) => group.rules).filter(({ type }) => type === "alerting");
    const all = rules.map(({ name, labels }) => `${labels?.["resource"]}/${name}`).toSorted();
    expect(new Set(all).size).toBe(all.length);
    expect(all).toEqual(
      expect.arrayContaining(jobs.filter((job) => job !== "prometheus").map((job) => `${resourceOf(job)}/TargetDown`)),
    );

    const password = await stack.secret("postgres-usage-user");
    const database = new URL(await stack.address("postgres")).host;
    const databaseUrl = `postgres://usage_user:${password}@${database}/usage_tracking`;
    const key = await makeKey({ databaseUrl, pepper: await stack.secret("api-key-pepper") }, "acme");
    await using load = await startLoad(stack, key);

    // Runs beside all that follows, for its CPU is looked at over five minutes.
    await using others = new AsyncDisposableStack();
    others.use(await busyContainer());
    others.use(await writingContainer());
    await watch.told("node-exporter/DiskFilling");

    // Whatever fires without anything going wrong but load, and what a database can be made to do.
    await stress(databaseUrl);
    await checkpoints(`postgres://postgres:${await stack.secret("postgres-superuser")}@${database}/postgres`);
    await crowd(new URL(await stack.address("redis")).host, await stack.secret("redis-default"), () =>
      watch.told("redis/RedisConnectionsHigh"),
    );
    await outOfMemory();
    await watch.told("node-exporter/HostOutOfMemory");
    await watch.told(
      ...["Deadlocks", "TransactionLong", "CacheHitLow", "RollbacksHigh", "CheckpointsForced"].map(
        (each) => `postgres/Postgres${each}`,
      ),
    );
    await watch.told("redis/RedisConnectionsRefused", "redis/RedisEvictions", "redis/RedisHitsLow");
    await tamper(databaseUrl);
    await poison(databaseUrl);
    await watch.told("aggregation-service/TotalsDrift", "event-processor/EventsDead");

    // What is behind the services goes, then they go themselves with all that looks at them.
    await stack.run("stop", "event-processor");
    await watch.told("api-gateway/EventsWait", "event-processor/TargetDown");
    await stack.run("stop", "postgres", "redis", "nginx");
    await watch.told(
      "postgres/PostgresDown",
      "redis/RedisDown",
      "nginx/NginxDown",
      "api-gateway/ErrorsHigh",
      "query-service/ErrorsHigh",
    );
    expect(await watch.availability("postgres")).toBeLessThan(1);
    await stack.run("start", "postgres", "redis", "nginx", "event-processor");
    await watch.told("postgres/PostgresDown over");
    const lowest = await watch.availability("postgres");
    await until(async () => expect(await watch.availability("postgres")).toBeGreaterThan(lowest));
    expect(await watch.availability("postgres")).toBeLessThan(1);
    // It was not down; a machine that does much else may miss a scrape of it.
    expect(await watch.availability("node-exporter")).toBeGreaterThan(await watch.availability("postgres"));

    // The tables of its own database.
    const rows = 'pg_stat_user_tables_n_live_tup{resource="postgres",datname="usage_tracking",relname=~"rollup.*"}';
    expect(await watch.has(`${rows} > 0`)).toBe(true);

    const queries = await dashboardQueries(stack, profiles);
    await until(async () => {
      const answers = await Promise.all(
        queries.map(async ({ title, query }) => ((await watch.has(query)) ? undefined : `${title}: ${query}`)),
      );
      expect(answers.filter((each) => each !== undefined)).toEqual([]);
    });

    // By the thresholds that everybody has.
    await watch.told("cadvisor/ContainerMemoryHigh", "cadvisor/ContainerCpuHigh");
    // cAdvisor tells of the other stack's container, too.
    await until(async () =>
      expect(await watch.containers()).toEqual([...(await stack.containers()).keys()].toSorted()),
    );

    await load.stop();
    const rest = jobs.filter((job) => !["alertmanager", "event-processor", "prometheus"].includes(job));
    await stack.run("stop", ...rest);
    await watch.told(...rest.map((job) => `${resourceOf(job)}/TargetDown`));
    await watch.told(...rest.map((job) => `${resourceOf(job)}/AvailabilityMissed`));
    await stack.run("start", ...rest);

    // Without the Alertmanager nothing is told, and Prometheus knows both.
    await stack.run("stop", "alertmanager");
    await watch.fires(...untold, "prometheus/AlertsUnsent");
    await stack.run("start", "alertmanager");
    await watch.told("prometheus/AlertsUnsent");

    await watch.told(...all.filter((alert) => !untold.includes(alert)));
  },
);

/** What Prometheus knows, and what its Alertmanager told the webhook. */
async function watcher(stack: DockerStack) {
  const [prometheus, receiver] = [await stack.address("prometheus"), await stack.address("receiver")];
  const ask = async <T>(path: string): Promise<T> => {
    const answer = await fetch(`${prometheus}/api/v1/${path}`);
    return ((await answer.json()) as { data: T }).data;
  };
  return {
    ask,
    /** Whether a query has an answer that is a number. */
    async has(query: string): Promise<boolean> {
      // One number has a type of answer of its own.
      const { resultType, result } = await ask<
        | { readonly resultType: "vector"; readonly result: readonly { readonly value: readonly [number, string] }[] }
        | { readonly resultType: "scalar"; readonly result: readonly [number, string] }
      >(`query?query=${encodeURIComponent(query)}`);
      const values = resultType === "scalar" ? [result[1]] : result.map(({ value }) => value[1]);
      return values.some((value) => value !== "NaN");
    },
    /** The resources whose containers it knows of. */
    async containers(): Promise<readonly string[]> {
      const { result } = await ask<{ result: { metric: Record<string, string> }[] }>(
        `query?query=${encodeURIComponent("max by (resource) (container_start_time_seconds)")}`,
      );
      return result.map(({ metric }) => metric["resource"] ?? "").toSorted();
    },
    async availability(resource: string): Promise<number> {
      const query = encodeURIComponent(`resource:availability:ratio1h{resource="${resource}"}`);
      const { result } = await ask<{ result: { value: [number, string] }[] }>(`query?query=${query}`);
      return Number(result[0]?.value[1]);
    },
    /** Waits until the webhook was told of each alert: that it fires, or (`X over`) that it no longer does. */
    async told(...alerts: readonly string[]): Promise<void> {
      const wanted = alerts.map((each) =>
        each.endsWith(" over") ? `resolved ${each.slice(0, -5)}` : `firing ${each}`,
      );
      await until(async () => {
        const got = new Set((await (await fetch(receiver)).json()) as string[]);
        expect(wanted.filter((each) => !got.has(each))).toEqual([]);
      }, patienceMs);
    },
    async fires(...alerts: readonly string[]): Promise<void> {
      await until(async () => {
        const { alerts: now } = await ask<{ alerts: { labels: Record<string, string>; state: string }[] }>("alerts");
        const firing = now
          .filter(({ state }) => state === "firing")
          .map(({ labels }) => `${labels["resource"]}/${labels["alertname"]}`);
        expect(firing).toEqual(expect.arrayContaining([...alerts]));
      }, patienceMs);
    },
  };
}

/** What a host does not count: control groups of the first version, on Linux from 6.10 on, count no bytes of disks. */
const uncounted = existsSync("/sys/fs/cgroup/blkio") ? ["Read from disk", "Written to disk"] : [];

/** The queries of the dashboard's panels that Prometheus answers. */
async function dashboardQueries(
  stack: DockerStack,
  flags: readonly string[],
): Promise<{ readonly title: string; readonly query: string }[]> {
  const folder = join(stack.root, "bundle");
  await stack.run("render", "compose", "--out", folder, ...flags);
  const { panels } = JSON.parse(readFileSync(join(folder, "configs/grafana.dashboard.json"), "utf8")) as {
    readonly panels: readonly {
      readonly title: string;
      readonly datasource?: { readonly uid: string };
      readonly targets: readonly { readonly expr: string }[];
    }[];
  };
  return panels
    .filter(({ title, datasource }) => datasource?.uid === "prometheus" && !uncounted.includes(title))
    .flatMap(({ title, targets }) => targets.map(({ expr }) => ({ title, query: expr })));
}

/** Sends events and asks for totals, a few a second, whatever is answered. */
async function startLoad(stack: DockerStack, key: string): Promise<AsyncDisposable & { stop(): Promise<void> }> {
  const [gateway, queries] = [await stack.address("api-gateway"), await stack.address("query-service")];
  let on = true;
  const loop = (async () => {
    while (on) {
      // What is stopped meanwhile refuses the connection.
      await Promise.allSettled([
        send("POST", `${gateway}/api/v1/events`, { key, json: llmEvent() }),
        send("GET", `${queries}/api/v1/usage?limit=1`, { key }),
        // The cache is asked for this one.
        send("GET", `${queries}/api/v1/usage/by-service`, { key }),
        // Refused, which is counted as well.
        ...[gateway, queries].map((url) => send("GET", `${url}/api/v1/usage`, {})),
        delay(200),
      ]);
    }
  })();
  const stop = async (): Promise<void> => {
    on = false;
    await loop;
  };
  return { stop, [Symbol.asyncDispose]: stop };
}

/**
 * A transaction that stays open, one ended because of a deadlock, a table read from disk again and again, and very many that are
 * rolled back.
 */
async function stress(databaseUrl: string): Promise<void> {
  await using one = await openClient(databaseUrl);
  await using two = await openClient(databaseUrl);
  await one.query("create table stress as select n, repeat('x', 1000) as filler from generate_series(1, 60000) as n");
  for (let round = 0; round < 12; round++) await two.query("select count(filler) from stress");
  await one.query("begin; update stress set filler = 'a' where n = 1");
  await two.query("begin; update stress set filler = 'a' where n = 2");
  const ends = await Promise.allSettled([
    one.query("update stress set filler = 'b' where n = 2"),
    two.query("update stress set filler = 'b' where n = 1"),
  ]);
  expect(ends.filter(({ status }) => status === "rejected")).toHaveLength(1);
  for (const client of [one, two]) await client.query("rollback");
  // Longer than the threshold and two scrapes.
  await one.query("begin; select pg_sleep(12); rollback");
  await one.query("drop table stress");
  await one.query("begin; select 1; rollback;".repeat(30_000));
}

/** More than there are because it is time: one in five minutes. */
async function checkpoints(superuserUrl: string): Promise<void> {
  await using client = await openClient(superuserUrl);
  for (let round = 0; round < 10; round++) await client.query("checkpoint");
}

/** More keys than fit, then nearly as many clients as are let in until `full` was seen, then more. */
async function crowd(host: string, password: string, full: () => Promise<void>): Promise<void> {
  const url = `redis://default:${password}@${host}`;
  const admin = await createClient({ url }).connect();
  const idle: { destroy(): void }[] = [];
  try {
    const { maxmemory = "" } = await admin.configGet("maxmemory");
    await admin.configSet("maxmemory", String(8 * 1024 ** 2));
    for (let key = 0; key < 20; key++) await admin.set(`filler-${key}`, "x".repeat(1024 ** 2));
    await admin.configSet("maxmemory", maxmemory);
    const { maxclients = "" } = await admin.configGet("maxclients");
    for (let client = 0; client < 60; client++) idle.push(await createClient({ url }).connect());
    // Nine of ten; the exporter and the services still get in.
    const [, connected = "0"] = /connected_clients:(\d+)/.exec(await admin.info("clients")) ?? [];
    await admin.configSet("maxclients", String(Math.ceil(Number(connected) / 0.9)));
    await full();
    await admin.configSet("maxclients", "1");
    const refused = createClient({ url, socket: { reconnectStrategy: false } });
    refused.on("error", () => undefined);
    await expect(refused.connect()).rejects.toThrow(/max number of clients|closed/i);
    await admin.configSet("maxclients", maxclients);
  } finally {
    for (const client of [admin, ...idle]) client.destroy();
  }
}

/** A container of the stack that uses all CPU it may, which is less than its share on a busy host, and nearly all memory. */
function busyContainer(): Promise<AsyncDisposable> {
  return started("usage-tracking", "busy", "head -c 120M /dev/zero >/full/zeros; while :; do :; done", {
    Memory: 134_217_728,
    MemorySwap: 134_217_728,
    NanoCpus: 30_000_000,
    Tmpfs: { "/full": "size=120m" },
  });
}

/**
 * A container of another stack that writes 2 GB within seconds: going on like that would fill a disk of some terabytes within a
 * day.
 */
function writingContainer(): Promise<AsyncDisposable> {
  return started("other", "writing", "head -c 2G /dev/zero >/tmp/zeros && exec sleep infinity", {});
}

async function started(
  stack: string,
  resource: string,
  script: string,
  limits: Docker.HostConfig,
): Promise<AsyncDisposable> {
  const container = await docker.createContainer({
    Image: "node:24.21.0-trixie-slim",
    Cmd: ["sh", "-c", script],
    Labels: {
      [containerLabels.stack]: stack,
      [containerLabels.environment]: "dev",
      [containerLabels.resource]: resource,
    },
    HostConfig: { ...limits, NetworkMode: "none" },
  });
  const remove = (): Promise<unknown> => container.remove({ force: true });
  await container.start().catch(async (error: unknown) => {
    await remove();
    throw error;
  });
  return {
    async [Symbol.asyncDispose]() {
      await remove();
    },
  };
}

/** A program that the kernel kills at its memory limit. */
async function outOfMemory(): Promise<void> {
  const container = await docker.createContainer({
    Image: "node:24.21.0-trixie-slim",
    Cmd: ["node", "-e", "const all = []; for (;;) all.push(Buffer.alloc(1e6, 1));"],
    HostConfig: { Memory: 67_108_864, MemorySwap: 67_108_864, NetworkMode: "none" },
  });
  try {
    await container.start();
    await container.wait();
    // The engine hears of it by itself, maybe after the end.
    await until(async () =>
      expect((await container.inspect()).State).toMatchObject({ OOMKilled: true, ExitCode: 137 }),
    );
  } finally {
    await container.remove({ force: true });
  }
}

/** Changes a total behind everybody's back. */
async function tamper(databaseUrl: string): Promise<void> {
  await using client = await openClient(databaseUrl);
  const { rowCount } = await client.query(
    "update rollup set events = events + 1 where dimension = 'all' and period = 'day'",
  );
  expect(rowCount).toBeGreaterThan(0);
}

/** Puts something into the inbox that no gateway would. */
async function poison(databaseUrl: string): Promise<void> {
  await using client = await openClient(databaseUrl);
  await client.query(
    `insert into inbox (slot, shard, writer, seq, tenant, events, received_at, codec, body)
     select inbox_slot(now()), 0, 200, 1, id, 1, now(), 9, 'garbage' from tenant where name = 'acme'`,
  );
  await client.query("insert into inbox_writer values (200)");
}
