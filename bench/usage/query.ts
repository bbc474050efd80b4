import { once } from "node:events";
import { Agent, get, type IncomingMessage } from "node:http";
import { buffer } from "node:stream/consumers";
import { Worker } from "node:worker_threads";
import { query as runSql, startDatabase } from "../../stacks/usage-tracking/testing/database.ts";
import { makeKey, runProgram, startProgram, type StackConfig } from "../../stacks/usage-tracking/testing/programs.ts";
import { randomOf } from "../../stacks/usage-tracking/testing/random.ts";
import { atMost, type Figure } from "../lib/figure.ts";
import { inTurn, quantile } from "../lib/median.ts";
import { load, loadOf } from "./events.ts";
import { day, days, firstDay } from "./old-events.ts";

const events = Number(process.env["BENCH_EVENTS"] ?? 10_000_000);
const rounds = 100;
/** Not counted: V8 compiles what is used much in the first two hundred requests, which cost twice as much. */
const warmUp = 30;

/**
 * What the routes that read totals take, over HTTP and without a cache, while the table of events holds many: against 10 ms,
 * and against one sum over all of these events.
 */
export async function query(): Promise<readonly Figure[]> {
  await using database = await startDatabase();
  const databaseUrl = await database.create("usage");
  const config: StackConfig = { databaseUrl, pepper: "bench-pepper-".repeat(4) };
  const migrated = await runProgram("migrate", config);
  if (migrated.code !== 0) throw new Error(`migrate failed: ${migrated.stdout}${migrated.stderr}`);
  const keys: string[] = [];
  for (let tenant = 0; tenant < load.tenants; tenant++) keys.push(await makeKey(config, `tenant-${tenant}`));
  await fill(databaseUrl);
  // As autovacuum and the checkpointer do in time: what filling leaves to do would be done beside the first answers.
  await runSql(databaseUrl, "vacuum analyze");
  await runSql(databaseUrl, "checkpoint");
  await using service = await startProgram("query-service", config);
  await service.ready();
  const times = await askAll(service.url, keys);
  const { raw = 0 } = await inTurn(3, { raw: async () => timed(() => runSql(databaseUrl, rawAggregate)) });
  const p95 = quantile([...times.values()].flat(), 0.95);
  const what = `${loadOf(events, `${days} days`)}, ${warmUp} rounds of ${times.size} requests before`;
  const slowest = [...times].map(([name, own]) => `${name} ${quantile(own, 0.95).toFixed(1)}`).join(", ");
  return [
    atMost("usage query p95 / 10 ms", p95 / 10, 1, `${p95.toFixed(1)} ms; ${what}; p95 by route in ms: ${slowest}`),
    atMost("1000 x usage query p95 / raw", (1000 * p95) / raw, 1, `${p95.toFixed(1)} ms / ${raw.toFixed(0)} ms`),
  ];
}

const rawAggregate = `select count(*), count(distinct user_id), sum((metrics->>'total_tokens')::numeric) from events`;

/** One thread a shard: on two cores that is the quickest that the processor's own way can be. */
async function fill(databaseUrl: string): Promise<void> {
  const shards = 2;
  await runSql(databaseUrl, "insert into inbox_writer values (0); insert into shard values (1)");
  const filler = new URL("./filler.ts", import.meta.url);
  await Promise.all(
    Array.from({ length: shards }, async (_, shard) => {
      await once(new Worker(filler, { workerData: { databaseUrl, shard, shards, events } }), "exit");
    }),
  );
  const [row] = await runSql(
    databaseUrl,
    "select sum(events) as n from rollup where dimension = 'all' and period = 'month'",
  );
  if (Number(row?.["n"]) !== events)
    throw new Error(`expected ${events} events in the totals, got ${String(row?.["n"])}`);
}

type Ask = (random: () => number) => string;

const dayOf = (at: number): string => new Date((firstDay + at * day) / 1000).toISOString().slice(0, 10);
/** Whole days somewhere in the range. */
const within = (random: () => number, count: number): string => {
  const first = Math.floor(random() * (days - count + 1));
  return `from=${dayOf(first)}&to=${dayOf(first + count)}`;
};

const questions: Readonly<Record<string, Ask>> = {
  hours: (random) => `/usage/aggregate?period=hour&${within(random, 3)}`,
  days: (random) => `/usage/aggregate?period=day&${within(random, 30)}`,
  weeks: (random) => `/usage/aggregate?period=week&${within(random, days)}`,
  "days of a zone": (random) => `/usage/aggregate?period=day&time_zone=Europe/Berlin&${within(random, 30)}`,
  "days of a user": (random) =>
    `/usage/aggregate?period=day&user_id=user-${Math.floor(random() * load.usersPerTenant)}&${within(random, 30)}`,
  "days by provider": (random) => `/usage/aggregate?period=day&group_by=provider&${within(random, 30)}`,
  services: (random) => `/usage/by-service?${within(random, 30)}`,
  costs: (random) => `/usage/costs?group_by=day&${within(random, 30)}`,
  trends: (random) => `/analytics/trends?metric=event_count&${within(random, 30)}`,
  "top users": (random) => `/analytics/top-users?${within(random, 30)}`,
  comparison: (random) => `/analytics/comparison?period=day&${within(random, 7)}`,
};

/** Times in ms by question; each is asked in turn with the others, of another tenant and range every time. */
async function askAll(url: string, keys: readonly string[]): Promise<Map<string, number[]>> {
  const random = randomOf(1);
  const times = new Map<string, number[]>(Object.keys(questions).map((name) => [name, []]));
  using agent = keepAlive();
  for (let round = -warmUp; round < rounds; round++) {
    for (const [name, ask] of Object.entries(questions)) {
      const key = keys[Math.floor(random() * keys.length)];
      const path = ask(random);
      const ms = await timed(async () => {
        const [answer] = (await once(
          get(`${url}/api/v1${path}`, { agent, headers: { "x-api-key": key } }),
          "response",
        )) as [IncomingMessage];
        const body = await buffer(answer);
        if (answer.statusCode !== 200)
          throw new Error(`expected 200 for ${path}, got ${answer.statusCode}: ${String(body)}`);
      });
      if (round >= 0) times.get(name)?.push(ms);
    }
  }
  return times;
}

/** Connections are kept, and answers are read and not parsed: fetch and JSON.parse take a millisecond that is the client's. */
function keepAlive(): Agent & Disposable {
  const agent = new Agent({ keepAlive: true });
  return Object.assign(agent, {
    [Symbol.dispose]: () => {
      agent.destroy();
    },
  });
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}
