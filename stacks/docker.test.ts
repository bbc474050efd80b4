import type { MetricList } from "@caisson/core";
import { once } from "node:events";
import { connect } from "node:tls";
import { describe, expect, test } from "vitest";
import { mosquittoMetrics } from "../packages/core/src/components/metrics/mosquitto-exporter.ts";
import { victoriaMetricsMetrics } from "../packages/core/src/components/metrics/victoriametrics.ts";
import { renderedBundle, withoutCompose } from "./testing/bundle.ts";
import { growOld } from "../packages/runtime/src/secrets/testing/grow-old.ts";
import { dockerStack, until, withoutEngine, type DockerStack } from "./testing/docker-stack.ts";
import { keepers, type Kept } from "./testing/kept.ts";
import { swarmBundle, withoutSwarm } from "./testing/swarm-bundle.ts";

const missing = await withoutEngine();
const lacking = missing || (await withoutCompose());
const unmanaged = missing || (await withoutSwarm());

/** What is tried of a stack. */
interface Tried {
  /** Profiles that are on. Default: none. */
  readonly profiles?: readonly string[];
  /** What the images that can be had without a registry make of it; the rest is named in the test's output. */
  readonly services: readonly string[];
  /** Stores that promise to keep what they were given, with a setting of each and what it is changed to. */
  readonly stores: Readonly<
    Record<string, readonly [component: keyof typeof keepers, file: string, from: string, to: string]>
  >;
  /** Exporters, and what each has to tell. */
  readonly exporters?: Readonly<Record<string, MetricList>>;
  /** Whose certificate is renewed, and its names. */
  readonly renews?: readonly [resource: string, names: readonly string[]];
  /** What its Prometheus has to find. */
  readonly sees?: readonly string[];
}

/** As it reaches itself. */
const prometheus = "http://127.0.0.1:9090";

/** What Debian has no package of. Where an engine has their images all the same, they are tried too. */
const notInDebian = ["alloy", "grafana", "jaeger", "loki", "minio", "otel-collector"];

/** usage-tracking has a test of its own. */
const tried: Readonly<Record<string, Tried>> = {
  "bi-agent": {
    // Its cache keeps nothing, by its role.
    services: [
      "alertmanager",
      "cache",
      "cache-exporter",
      "cadvisor",
      "node-exporter",
      "postgres",
      "postgres-exporter",
      "prometheus",
      "redis",
      "redis-exporter",
      "socket-proxy",
    ],
    sees: [
      'pg_up{resource="postgres"} == 1',
      'redis_up{resource="cache"} == 1',
      'redis_up{resource="redis"} == 1',
      'up{job="node-exporter"} == 1',
      'up{job="cadvisor"} == 1',
      'count(container_start_time_seconds{resource="postgres"}) == 1',
    ],
    stores: {
      postgres: ["postgres", "stack.ts", "user: databaseUser", "user: databaseUser, maxConnections: 90"],
      redis: ["redis", "stack.ts", 'role: "queue"', 'role: "queue", maxMemory: "128MB"'],
      prometheus: ["prometheus", "monitoring.ts", 'retention: "30d"', 'retention: "31d"'],
    },
  },
  taylordash: {
    services: [
      "alertmanager",
      "blackbox-exporter",
      "cadvisor",
      "mosquitto",
      "mosquitto-exporter",
      "node-exporter",
      "postgres",
      "postgres-exporter",
      "prometheus",
      "socket-proxy",
      "victoriametrics",
    ],
    sees: [
      'up{job="mosquitto-exporter"} == 1',
      "prometheus_remote_storage_samples_total > 0",
      'pg_up{resource="postgres"} == 1',
      'up{job="node-exporter"} == 1',
      'up{job="cadvisor"} == 1',
    ],
    exporters: { "mosquitto-exporter": mosquittoMetrics, victoriametrics: victoriaMetricsMetrics },
    stores: {
      postgres: ["postgres", "stack.ts", 'user: "taylordash_app"', 'user: "taylordash_app", maxConnections: 90'],
      mosquitto: ["mosquitto", "stack.ts", "maxQueued: 100", "maxQueued: 200"],
      victoriametrics: ["victoriametrics", "stack.ts", "concurrentInserts: 4", "concurrentInserts: 5"],
      prometheus: ["prometheus", "monitoring.ts", 'retention: "30d"', 'retention: "31d"'],
    },
  },
  dyocense: {
    profiles: ["production"],
    services: [
      "alertmanager",
      "blackbox-exporter",
      "nginx",
      "node-exporter",
      "postgres",
      "postgres-exporter",
      "prometheus",
      "redis",
      "socket-proxy",
    ],
    renews: ["nginx", ["nginx", "localhost", "127.0.0.1", "dyocense.local"]],
    sees: [
      'pg_up{resource="postgres"} == 1',
      'pg_stat_statements_calls_total{resource="postgres",datname="dyocense"} > 0',
      'probe_success{resource="nginx"} == 1',
      'probe_ssl_earliest_cert_expiry{resource="nginx"} > time()',
      'probe_ssl_earliest_cert_expiry{resource="postgres"} > time()',
    ],
    stores: {
      postgres: ["timescaledb", "stack.ts", "audit: true", "audit: true, maxConnections: 90"],
      // A cache that is warm after a restart.
      redis: ["redis", "stack.ts", 'maxMemory: "512MB"', 'maxMemory: "256MB"'],
      prometheus: ["prometheus", "stack.ts", 'retentionSize: "10GB"', 'retentionSize: "11GB"'],
    },
  },
  dreamscape: {
    services: [
      "alertmanager",
      "cadvisor",
      "node-exporter",
      "postgres",
      "postgres-exporter",
      "postgres-replica-1",
      "prometheus",
      ...[1, 2, 3, 4, 5, 6].map((number) => `redis-${number}`),
      "redis-exporter",
      "socket-proxy",
    ],
    sees: [
      'pg_up{resource="postgres"} == 1',
      'count({__name__=~"pg_replication_slots?_slot_is_active",resource="postgres"} == 1) == 1',
      "count(redis_up == 1) == 6",
    ],
    stores: {
      postgres: ["postgres", "stack.ts", "maxConnections: 500", "maxConnections: 400"],
      "redis-1": ["redis", "stack.ts", 'maxMemory: "2GB"', 'maxMemory: "1GB"'],
      prometheus: ["prometheus", "monitoring.ts", 'retention: "30d", al', 'retention: "31d", al'],
      alertmanager: ["alertmanager", "monitoring.ts", 'to: "devops@', 'to: "operations@'],
    },
  },
};

/** Secrets that people supply, by stack; who is told of alerts here is told of none. */
const supplied: Readonly<Record<string, readonly string[]>> = {
  dreamscape: ["smtp-password", "slack-webhook", "pagerduty-key"],
};

describe.skipIf(missing !== "")(`on a Docker Engine${missing && ` (skipped: ${missing})`}`, () => {
  test.each(Object.entries(tried))(
    "%s: what has an image here is ready, comes back from a kill, keeps its data under another setting, and goes without a trace",
    { timeout: 400_000 },
    async (name, { profiles = [], services, stores, exporters = {}, sees = [], renews }) => {
      await using stack = await dockerStack(name);
      await stack.run("build");
      for (const secret of supplied[name] ?? [])
        await stack.run("secret", "set", secret, "--from-file", import.meta.filename);
      const on = profiles.flatMap((profile) => ["--profile", profile]);
      const unavailable = await stack.unavailable(...on);
      for (const [resource, why] of unavailable) console.log(`${name}/${resource}: ${why}`);
      const without = [...unavailable.keys()].flatMap((resource) => ["--without", resource]);
      const up = ["up", "--wait", "--target", "docker", ...on, ...without];
      await stack.run(...up);
      const before = await stack.containers();
      const here = [...before.keys()].toSorted();
      expect(here.filter((each) => !notInDebian.includes(each))).toEqual(services);

      for (const [exporter, { metrics }] of Object.entries(exporters)) {
        const names = Object.values(metrics).map((metric) => metric.name);
        await until(async () => expect(await stack.scrape(exporter)).toEqual(expect.arrayContaining(names)));
      }

      for (const query of sees)
        await until(async () => {
          const found = await stack.run("exec", "prometheus", "--", "promtool", "query", "instant", prometheus, query);
          expect([query, found]).toEqual([query, expect.stringContaining("=>")]);
        });

      const kept = Object.entries(stores).map(([store, [component]]): Kept & { readonly store: string } => ({
        store,
        ...keepers[component](stack, store),
      }));
      for (const each of kept) if (!each.onStop) await each.write();
      for (const id of before.values()) await stack.kill(id);
      await stack.recovered(before);
      for (const each of kept)
        if (each.onStop) await each.write();
        else expect([each.store, await each.read()]).toEqual([each.store, each.expected]);

      if (renews) await renewed(stack, renews, up);

      const killed = await stack.containers();
      for (const [, ...change] of Object.values(stores)) stack.change(...change);
      await stack.run(...up);
      const after = await stack.containers();
      for (const { store, read, expected } of kept) {
        expect(after.get(store), store).not.toBe(killed.get(store));
        expect([store, await read()]).toEqual([store, expected]);
      }

      await stack.run("down", "-v", "--yes");
      expect(await stack.left()).toEqual([]);
    },
  );
});

/** A certificate whose end is near is another one after an `up`, shown by the same container. */
async function renewed(
  stack: DockerStack,
  [resource, names]: readonly [string, readonly string[]],
  up: readonly string[],
): Promise<void> {
  const shown = async (): Promise<string> => {
    const { hostname, port } = new URL(await stack.address(resource, "https"));
    const socket = connect({ host: hostname, port: Number(port), servername: "localhost", rejectUnauthorized: false });
    await once(socket, "secureConnect");
    const { serialNumber } = socket.getPeerCertificate();
    socket.destroy();
    return serialNumber;
  };
  const [before, container] = [await shown(), (await stack.containers()).get(resource)];
  growOld(stack.root, `${resource}-certificate`, names);
  await stack.run(...up);
  await until(async () => expect(await shown()).not.toBe(before));
  expect((await stack.containers()).get(resource)).toBe(container);
}

test.skipIf(lacking !== "")(
  `the bundle of taylordash starts by docker compose alone: hashes of its broker's passwords, which no shell can make, are exported${lacking && ` (skipped: ${lacking})`}`,
  { timeout: 400_000 },
  async () => {
    await using bundle = await renderedBundle("taylordash", "prod");
    // Healthy: who asks the broker logs in.
    await bundle.compose("up", "--wait", "mosquitto", "postgres", "victoriametrics");
    await bundle.compose("run", "--rm", "--no-TTY", "postgres-provision");
    await bundle.compose("down", "--volumes");
    expect(await bundle.left()).toEqual([]);
  },
);

test.skipIf(lacking !== "")(
  `the bundle of dyocense starts by docker compose alone: its store's key, open to others as compose delivers it, is the server's own inside, and nothing is spoken in the clear${lacking && ` (skipped: ${lacking})`}`,
  { timeout: 400_000 },
  async () => {
    await using bundle = await renderedBundle("dyocense", "prod", "--set", "postgresMemory=1GB");
    await bundle.compose("up", "--wait", "postgres");
    await bundle.compose("run", "--rm", "--no-TTY", "postgres-provision");
    const psql = (mode: string): Promise<string> =>
      bundle.compose("exec", "--no-TTY", "postgres", "psql", `host=127.0.0.1 user=postgres sslmode=${mode}`, "-w");
    await expect(psql("disable")).rejects.toThrow("no encryption");
    // Past the door, where a password is asked for.
    await expect(psql("require")).rejects.toThrow("no password supplied");
    await bundle.compose("down", "--volumes");
    expect(await bundle.left()).toEqual([]);
  },
);

test.skipIf(unmanaged !== "")(
  `the bundle of taylordash is deployed on a Swarm: a volume that the engine makes root's is its server's, secrets are readable by their user alone${unmanaged && ` (skipped: ${unmanaged})`}`,
  { timeout: 400_000 },
  async () => {
    await using bundle = await swarmBundle("taylordash", "prod");
    await bundle.exportSecrets();
    await bundle.script("deploy.sh");
    await bundle.running(["mosquitto", "postgres", "victoriametrics"]);
    const container = (await bundle.docker("ps", "--quiet", "--filter", "label=caisson.resource=mosquitto")).trim();
    const modes = await bundle.docker("exec", container, "sh", "-c", "stat -c '%a %u' /run/secrets/*; id -u");
    const [user, ...files] = modes.trim().split("\n").toReversed();
    expect(new Set(files)).toEqual(new Set([`600 ${user}`]));
  },
);
