import { randomUUID } from "node:crypto";
import { createClient } from "@redis/client";
import { expect, test } from "vitest";
import { startDatabase, until } from "./testing/database.ts";
import { expectExact } from "./testing/expect-exact.ts";
import { makeKey, runProgram, startProgram, type RunningProgram } from "./testing/programs.ts";
import { startQueueRedis, type QueueRedis } from "./testing/queue-redis.ts";
import { hasRedis } from "./testing/redis.ts";
import { startSenders } from "./testing/senders.ts";
import { send } from "./testing/stack.ts";

const skipped = hasRedis ? "" : " (skipped: no redis-server here)";

async function ask(broker: QueueRedis, ...command: string[]): Promise<unknown> {
  const client = createClient({ url: broker.url, socket: { reconnectStrategy: false } });
  await client.on("error", () => undefined).connect();
  try {
    return await client.sendCommand(command);
  } finally {
    client.destroy();
  }
}

/** Sends events of 40 kB each until one is refused; returns the ids of those acknowledged. */
async function fillUp(gateway: RunningProgram, key: string): Promise<string[]> {
  const acknowledged: string[] = [];
  for (;;) {
    const id = randomUUID();
    const metadata = { filler: "x".repeat(40_000) };
    const json = { event_id: id, service_type: "custom", service_provider: "p", metrics: { n: 1 }, metadata };
    const answer = await send("POST", `${gateway.url}/api/v1/events`, { key, json });
    if (answer.status === 503) {
      expect(answer.headers.get("retry-after")).toBe("1");
      expect(answer.text).toContain("inbox full");
      return acknowledged;
    }
    expect(answer.status).toBe(202);
    acknowledged.push(id);
  }
}

test.skipIf(!hasRedis)(
  `ten kills of the broker, poison, a processor that stands still and no room left: nothing is lost${skipped}`,
  async () => {
    await using server = await startDatabase();
    await using broker = await startQueueRedis(["--maxmemory", "8mb"]);
    const databaseUrl = await server.create("chaos");
    const config = { databaseUrl, pepper: "chaos-pepper-".repeat(4), queueUrl: broker.url };
    expect((await runProgram("migrate", config)).code).toBe(0);
    const key = await makeKey(config, "acme");
    await using gateway = await startProgram("api-gateway", config);
    await using processor = await startProgram("event-processor", config);
    await using queries = await startProgram("query-service", config);
    await Promise.all([gateway, processor, queries].map((program) => program.ready()));
    const lag = async (): Promise<number> => {
      const { headers } = await send("GET", `${queries.url}/api/v1/usage/aggregate?period=day`, { key });
      const told = headers.get("x-usage-lag-seconds");
      if (told === null) throw new Error("expected a lag, the queue cannot be asked");
      return Number(told);
    };
    const outcome = async (id: string): Promise<unknown> =>
      (await send("GET", `${queries.url}/api/v1/events/${id}`, { key })).body;

    const senders = startSenders([gateway.url, gateway.url, gateway.url], key, randomUUID);
    const big: string[] = [];
    try {
      for (let kill = 0; kill < 10; kill++) {
        await senders.more(5);
        await broker.crash();
        broker.start();
      }
      await until(() => ask(broker, "XADD", "usage:inbox:0", "*", "what", "is this"));
      await senders.more(5);

      // Nobody takes anything out: the queue keeps what it has until it has no room, then refuses what comes.
      process.kill(processor.pid, "SIGSTOP");
      big.push(...(await fillUp(gateway, key)));
      expect(big.length).toBeGreaterThan(20);
      const [first = ""] = big;
      await until(async () => expect(await outcome(first)).toMatchObject({ status: "pending" }));
      const early = await until(lag);
      expect(early).toBeGreaterThan(0);
      await until(async () => expect(await lag()).toBeGreaterThan(early));
      // Nor can it be asked while it is away: no lag is told then, rather than one that is too small.
      await broker.crash();
      await expect(lag()).rejects.toThrow("cannot be asked");
      broker.start();
      process.kill(processor.pid, "SIGCONT");
      await senders.more(10);
    } finally {
      process.kill(processor.pid, "SIGCONT");
      await senders.end();
    }
    await until(async () => expect(await lag()).toBe(0), 120_000);
    await until(async () => expect(await ask(broker, "XLEN", "usage:inbox:0")).toBe(0));
    await expectExact(databaseUrl, new Set([...senders.acknowledged, ...big]), ["undecodable"]);
    expect(await outcome(big[0] ?? "")).toMatchObject({ status: "stored" });
  },
  600_000,
);
