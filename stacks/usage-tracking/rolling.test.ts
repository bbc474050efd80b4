import { randomUUID } from "node:crypto";
import { spawnSync } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { superviseStack, type SupervisedStack } from "./testing/caisson.ts";
import { until } from "./testing/database.ts";
import { expectExact } from "./testing/expect-exact.ts";
import { send } from "./testing/stack.ts";

const absent = spawnSync("nginx", ["-v"]).status === 0 ? "" : " (skipped: no nginx here)";
const services = ["api-gateway", "query-service", "event-processor", "aggregation-service"] as const;

/** Clients at a steady pace that never try again; everything that is not what it should be is a failure. */
interface Load {
  readonly acknowledged: Set<string>;
  readonly failures: string[];
  /** Resolves when so many more requests have been answered. */
  readonly more: (requests: number) => Promise<void>;
  readonly end: () => Promise<void>;
}

function startLoad(edge: string, key: string): Load {
  const acknowledged = new Set<string>();
  const failures: string[] = [];
  let answered = 0;
  let over = false;
  const attempt = async (what: string, status: number, request: () => ReturnType<typeof send>): Promise<boolean> => {
    try {
      const answer = await request();
      answered++;
      if (answer.status === status) return true;
      failures.push(`${what}: ${answer.status} ${answer.text.slice(0, 200)}`);
    } catch (error) {
      failures.push(`${what}: ${String(error)} ${String((error as Error).cause)}`);
    }
    return false;
  };
  const rest = (): Promise<void> => delay(20);
  const write = async (): Promise<void> => {
    while (!over) {
      const events = Array.from({ length: 3 }, () => ({
        event_id: randomUUID(),
        service_type: "custom",
        service_provider: "p",
        metrics: { n: 1 },
      }));
      const post = (): ReturnType<typeof send> => send("POST", `${edge}/api/v1/events/batch`, { key, json: events });
      if (await attempt("POST", 202, post)) for (const { event_id: id } of events) acknowledged.add(id);
      await rest();
    }
  };
  const read = async (): Promise<void> => {
    while (!over) {
      await attempt("GET", 200, () => send("GET", `${edge}/api/v1/usage/aggregate?period=day`, { key }));
      await rest();
    }
  };
  const clients = [write(), write(), write(), read()];
  return {
    acknowledged,
    failures,
    more: (requests) => {
      const before = answered;
      return until(async () => {
        if (answered < before + requests) throw new Error(`expected ${requests} answers, got ${answered - before}`);
      });
    },
    end: async () => {
      over = true;
      await Promise.all(clients);
    },
  };
}

async function replicas(stack: SupervisedStack, name: string): Promise<{ pids: number[]; generation: number }> {
  const { resources } = JSON.parse(await stack.caisson("ps", "--format", "json")) as {
    resources: { name: string; pids: number[]; generation: number }[];
  };
  const found = resources.find((each) => each.name === name);
  if (!found) throw new Error(`expected ${name}`);
  return found;
}

test.skipIf(absent !== "")(
  `restarted one by one, scaled to three, restarted again and scaled back under load through the edge, nothing fails${absent}`,
  async () => {
    await using stack = await superviseStack(["rateLimitPerMinute=1000000", "rateLimitBurst=100000"], ["production"]);
    const key = await stack.makeKey("acme");
    const databaseUrl = await stack.databaseUrl();
    const edge = await stack.url("nginx");
    const load = startLoad(edge, key);
    try {
      await load.more(50);
      for (const name of services) {
        const before = await replicas(stack, name);
        await stack.caisson("restart", name, "--wait");
        const after = await replicas(stack, name);
        expect(after.pids, name).toHaveLength(1);
        expect(after.pids, name).not.toEqual(before.pids);
        await load.more(20);
      }
      await stack.caisson("scale", ...services.map((name) => `${name}=3`), "--wait");
      for (const name of services) expect((await replicas(stack, name)).pids, name).toHaveLength(3);
      await load.more(50);
      const before = await replicas(stack, "api-gateway");
      await stack.caisson("restart", "api-gateway", "--wait");
      const after = await replicas(stack, "api-gateway");
      expect(after.pids).toHaveLength(3);
      expect(after.pids.filter((pid) => before.pids.includes(pid))).toEqual([]);
      await stack.caisson("scale", ...services.map((name) => `${name}=1`), "--wait");
      await load.more(50);
    } finally {
      await load.end();
    }
    expect(load.failures).toEqual([]);
    await expectExact(databaseUrl, load.acknowledged);
  },
  600_000,
);
