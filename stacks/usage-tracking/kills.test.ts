import { randomUUID } from "node:crypto";
import { mkdtempDisposableSync, readFileSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { expectExact } from "./testing/expect-exact.ts";
import { superviseStack } from "./testing/caisson.ts";
import { freePort, startDatabase } from "./testing/database.ts";
import { makeKey, runProgram, startProgram, type RunningProgram, type StackConfig } from "./testing/programs.ts";
import { randomOf } from "./testing/random.ts";
import { startSenders, type Senders } from "./testing/senders.ts";

// KILL_SEED, KILL_TIMES (a multiple of the blows below) and AGENT_KILLS make another run of it.
const seed = Number(process.env["KILL_SEED"] ?? 20260417);
const times = Number(process.env["KILL_TIMES"] ?? 10);
const agentKills = Number(process.env["AGENT_KILLS"] ?? 10);

/** Blows of each round, 19 in all: what comes back at once is killed often, the database once. */
const blows = { "api-gateway": 6, "event-processor": 8, "aggregation-service": 4, postgres: 1 } as const;

/** Something that is killed and comes back. */
interface Victim {
  readonly name: keyof typeof blows;
  /** kill -9; resolves once it is dead and its successor was begun. */
  readonly kill: () => Promise<void>;
  /** Resolves when it works (again). */
  readonly up: () => Promise<void>;
}

/** A service on an address that stays, begun anew as soon as it is dead. */
async function keptAlive(
  name: Exclude<Victim["name"], "postgres">,
  config: StackConfig,
): Promise<Victim & AsyncDisposable & { readonly url: string }> {
  const ports = { port: await freePort(), managementPort: await freePort() };
  let program: RunningProgram = await startProgram(name, config, ports);
  await program.ready();
  await program.stop(); // in order, so that what was compiled is kept
  program = await startProgram(name, config, ports);
  return {
    name,
    url: program.url,
    kill: async () => {
      await program.crash();
      program = await startProgram(name, config, ports);
    },
    up: () => program.ready(),
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}

/**
 * Kills in an order and at moments that come from the seed, and from what was acknowledged meanwhile, not from the clock:
 * a blow falls a few acknowledgements after the last one, one in three on a victim that may not be back yet.
 */
async function killAll(victims: readonly Victim[], senders: Senders): Promise<Record<string, number>> {
  const random = randomOf(seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const struck: Record<string, number> = {};
  for (let round = 0; round < times; round++) {
    const names = Object.entries(blows).flatMap(([name, count]) => Array.from({ length: count }, () => name));
    while (names.length > 0) {
      const [name = ""] = names.splice(Math.floor(random() * names.length), 1);
      const victim = pick(victims.filter((each) => each.name === name));
      if (random() < 2 / 3) {
        await victim.up();
        await senders.more(1 + Math.floor(random() * 5));
      }
      await victim.kill();
      struck[name] = (struck[name] ?? 0) + 1;
    }
  }
  for (const victim of victims) await victim.up();
  return struck;
}

const kills = times * Object.values(blows).reduce((sum, each) => sum + each, 0);

test(`${kills} times kill -9 under load (seed ${seed}): what was acknowledged is stored and counted once`, async () => {
  await using server = await startDatabase();
  using compiled = mkdtempDisposableSync(join(tmpdir(), "usage-compiled-"));
  const databaseUrl = await server.create("killed");
  // Small batches make many transactions; what begins so often need not be compiled each time.
  const env = { BATCH_EVENTS: "200", AUDIT_EVERY_SECONDS: "1", NODE_COMPILE_CACHE: compiled.path };
  const config = { databaseUrl, pepper: "kills-pepper-".repeat(4), env };
  expect((await runProgram("migrate", config)).code).toBe(0);
  const key = await makeKey(config, "acme");
  await using one = await keptAlive("api-gateway", config);
  await using two = await keptAlive("api-gateway", config);
  await using processor = await keptAlive("event-processor", config);
  await using aggregation = await keptAlive("aggregation-service", config);
  const database: Victim = {
    name: "postgres",
    kill: async () => {
      await server.crash();
      await server.start();
    },
    up: async () => undefined,
  };
  const victims = [one, two, processor, aggregation, database];
  await Promise.all(victims.map((victim) => victim.up()));
  const senders = startSenders([one.url, two.url, one.url, two.url], key, randomUUID);
  let struck: Record<string, number>;
  try {
    struck = await killAll(victims, senders);
  } finally {
    await senders.end();
  }
  expect(struck).toEqual(Object.fromEntries(Object.entries(blows).map(([name, count]) => [name, count * times])));
  await expectExact(databaseUrl, senders.acknowledged);
}, 1_800_000);

test(`${agentKills} times kill -9 of the agent under load: what it ran goes on, and the next up takes it over`, async () => {
  await using stack = await superviseStack(["rateLimitPerMinute=1000000", "rateLimitBurst=100000"]);
  const key = await stack.makeKey("acme");
  const databaseUrl = await stack.databaseUrl();
  const senders = startSenders([await stack.url("api-gateway")], key, randomUUID);
  const pids = async (): Promise<readonly number[]> => {
    const { resources } = JSON.parse(await stack.caisson("ps", "--format", "json")) as {
      resources: { pids: number[] }[];
    };
    return resources.flatMap((each) => each.pids).toSorted((one, two) => one - two);
  };
  const random = randomOf(seed);
  try {
    const before = await pids();
    for (let n = 0; n < agentKills; n++) {
      await senders.more(1 + Math.floor(random() * 20));
      process.kill(agentOf(stack.root), "SIGKILL");
      await senders.more(5); // nobody needs the agent to take events in
      await stack.up();
      expect(await pids()).toEqual(before);
    }
  } finally {
    await senders.end();
  }
  await expectExact(databaseUrl, senders.acknowledged);
}, 600_000);

/** The process that works for a project: it alone has the project's folder in its arguments and is no program of the stack. */
function agentOf(root: string): number {
  const found = readdirSync("/proc").filter((entry) => {
    if (!/^\d+$/.test(entry)) return false;
    try {
      const line = readFileSync(`/proc/${entry}/cmdline`, "utf8");
      return line.includes("agent/main.ts") && line.includes(root);
    } catch {
      return false; // gone meanwhile
    }
  });
  const [pid] = found;
  if (found.length !== 1 || pid === undefined) throw new Error(`expected one agent, got ${found.length}`);
  return Number(pid);
}
