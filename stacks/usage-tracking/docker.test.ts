import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { renderedBundle, withoutCompose } from "../testing/bundle.ts";
import { dockerStack, until, withoutEngine } from "../testing/docker-stack.ts";
import { swarmBundle, withoutSwarm } from "../testing/swarm-bundle.ts";
import { freePort, query } from "./testing/database.ts";
import { send } from "./testing/stack.ts";
import { llmEvent } from "./testing/usage-events.ts";

const missing = await withoutEngine();

test.skipIf(missing !== "")(
  `on a Docker Engine the whole stack is ready, every container killed comes back, totals outlive it, nothing is left${missing && ` (skipped: ${missing})`}`,
  { timeout: 600_000 },
  async () => {
    await using stack = await dockerStack("usage-tracking");
    await stack.run("build");
    const up = ["up", "--wait", "--target", "docker", "--profile", "production"];
    await stack.run(...up);
    const password = await stack.secret("postgres-usage-user");
    const database = async (): Promise<string> =>
      `postgres://usage_user:${password}@${new URL(await stack.address("postgres")).host}/usage_tracking`;
    const key = (await stack.run("run", "create-key", "--", "--tenant", "acme")).trim();
    // Through the edge; an event may be sent again, for it counts once.
    const count = async (event: unknown): Promise<void> => {
      const { status, text } = await send("POST", `${await stack.address("nginx")}/api/v1/events`, {
        key,
        json: event,
      });
      if (status >= 300) throw new Error(`expected the event to be taken, got ${status}: ${text}`);
    };
    const total = async (expected: number): Promise<void> => {
      const text = "select coalesce(sum(events), 0)::int as n from rollup where dimension = 'all' and period = 'hour'";
      const [row] = await query(await database(), text);
      if (row?.["n"] !== expected) throw new Error(`expected ${expected} events in the totals, got ${row?.["n"]}`);
    };

    await until(() => count(llmEvent()));
    await until(() => total(1));

    const before = await stack.containers();
    expect([...before.keys()].toSorted()).toEqual([
      "aggregation-service",
      "api-gateway",
      "event-processor",
      "nginx",
      "postgres",
      "query-service",
      "redis",
    ]);
    for (const id of before.values()) await stack.kill(id);
    await stack.recovered(before);
    const second = llmEvent();
    await until(() => count(second));
    await until(() => total(2));

    await stack.run("down");
    expect(await stack.left()).toEqual([expect.stringContaining("volume"), expect.stringContaining("volume")]);
    await stack.run(...up);
    await until(() => total(2));

    await stack.run("down", "-v", "--yes");
    expect(await stack.left()).toEqual([]);
  },
);

const lacking = missing || (await withoutCompose());

test.skipIf(lacking !== "")(
  `a rendered bundle with exported secrets runs by docker compose alone, counts each event once, leaves nothing${lacking && ` (skipped: ${lacking})`}`,
  { timeout: 600_000 },
  async () => {
    await using bundle = await renderedBundle("usage-tracking", "prod", "--profile", "production");
    const port = await freePort();
    const others = [`API_GATEWAY_HTTP_PORT=${await freePort()}`, `QUERY_SERVICE_HTTP_PORT=${await freePort()}`];
    writeFileSync(join(bundle.folder, ".env"), [`NGINX_HTTP_PORT=${port}`, ...others].join("\n"));
    await bundle.compose("up", "--wait");
    const key = (await bundle.compose("run", "--rm", "--no-TTY", "create-key", "--tenant", "acme")).trim();

    const edge = `http://127.0.0.1:${port}/api/v1`;
    const events = [llmEvent(), llmEvent(), llmEvent()];
    for (const event of [...events, ...events.slice(1)]) {
      const { status, text } = await send("POST", `${edge}/events`, { key, json: event });
      if (status >= 300) throw new Error(`expected the event to be taken, got ${status}: ${text}`);
    }
    await until(async () => {
      const { status, body } = await send("GET", `${edge}/usage/aggregate?period=day`, { key });
      expect({ status, body }).toMatchObject({ status: 200, body: { totals: { event_count: 3, input_tokens: 30 } } });
    });

    expect(await bundle.left()).not.toEqual([]);
    await bundle.compose("down", "--volumes");
    expect(await bundle.left()).toEqual([]);
  },
);

const unmanaged = missing || (await withoutSwarm());

test.skipIf(unmanaged !== "")(
  `a bundle for Swarm is deployed by its scripts, counts events, and a changed config is deployed again: data stays${unmanaged && ` (skipped: ${unmanaged})`}`,
  { timeout: 600_000 },
  async () => {
    await using bundle = await swarmBundle("usage-tracking", "prod");
    const [http, queries] = [await freePort(), await freePort()];
    writeFileSync(join(bundle.folder, ".env"), `API_GATEWAY_HTTP_PORT=${http}\nQUERY_SERVICE_HTTP_PORT=${queries}\n`);
    await expect(bundle.script("deploy.sh")).rejects.toThrow("secrets/postgres.superuser-password is not there");
    await bundle.script("init-secrets.sh");
    await bundle.script("deploy.sh");
    const names = ["aggregation-service", "api-gateway", "event-processor", "postgres", "query-service", "redis"];
    await bundle.running(names);
    const key = (await bundle.script("run.sh", "create-key", "--tenant", "acme")).trim();
    const count = async (): Promise<void> => {
      const url = `http://127.0.0.1:${http}/api/v1/events`;
      const { status, text } = await send("POST", url, { key, json: llmEvent() });
      if (status >= 300) throw new Error(`expected the event to be taken, got ${status}: ${text}`);
    };
    const total = async (expected: number): Promise<void> => {
      const { body } = await send("GET", `http://127.0.0.1:${queries}/api/v1/usage/aggregate?period=day`, { key });
      expect(body).toMatchObject({ totals: { event_count: expected } });
    };
    await count();
    await until(() => total(1));

    // Swarm refuses new content under an old name.
    appendFileSync(join(bundle.folder, "configs", "postgres.postgresql.conf"), "work_mem = '5MB'\n");
    const tasks = (name: string): Promise<string> =>
      bundle.docker("service", "ps", "--quiet", `usage-tracking-prod_${name}`);
    const [postgres, redis] = [await tasks("postgres"), await tasks("redis")];
    await bundle.script("deploy.sh");
    await until(async () => {
      if ((await tasks("postgres")) === postgres) throw new Error("expected a new task of postgres");
    });
    await bundle.running(names);
    await until(count);
    await until(() => total(2));
    expect(await tasks("redis")).toBe(redis);
  },
);
