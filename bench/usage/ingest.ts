import { availableParallelism } from "node:os";
import { startDatabase, query } from "../../stacks/usage-tracking/testing/database.ts";
import { normal, openClient } from "../../stacks/usage-tracking/testing/apply.ts";
import {
  makeKey,
  runProgram,
  startProgram,
  type RunningProgram,
} from "../../stacks/usage-tracking/testing/programs.ts";
import { copyInto } from "../../stacks/usage-tracking/services/event-processor/copy-into.ts";
import { createCopyRows } from "../../stacks/usage-tracking/services/event-processor/copy-rows.ts";
import { addEventRow, eventColumns } from "../../stacks/usage-tracking/services/event-processor/event-rows.ts";
import { atLeast, atMost, type Figure } from "../lib/figure.ts";
import { median, quantile } from "../lib/median.ts";
import { cpuSeconds, serverCpu } from "./cpu.ts";
import { drive, postRequest } from "./drive.ts";
import { madeEvents } from "./made-events.ts";

const events = 200_000;
const batch = 100;
const connections = 64;
const rounds = Number(process.env["BENCH_ROUNDS"] ?? 5);

/**
 * Umami 3.1 (Next.js and PostgreSQL), measured on a machine of this size (2 cores, client and database on it too): 401 to
 * 664 events a second in batches of 100 to `/api/batch`, without dedupe or totals. The upper end is the peer.
 */
const umamiEventsPerSecond = 660;

/**
 * Durable ingest (batches of 100, 64 connections, no processor) by one gateway against COPY of the same events, in turn: into
 * a table with the columns and indexes of `events` and the unique index (tenant, id). And by two, as many as the machine of
 * the bars has cores: a gateway is one thread, and replicas are how this stack uses more.
 */
export async function ingest(): Promise<readonly Figure[]> {
  await using stack = new AsyncDisposableStack();
  const database = stack.use(await startDatabase());
  const databaseUrl = await database.create("bench");
  const config = {
    databaseUrl,
    pepper: "bench-pepper-".repeat(4),
    env: { LOG_LEVEL: "info", MAX_LAG_SECONDS: "86400" },
  };
  const migrated = await runProgram("migrate", config);
  if (migrated.code !== 0) throw new Error(`migrate failed: ${migrated.stdout}`);
  await query(
    databaseUrl,
    `create table copied (like events including defaults including indexes);
     create unique index on copied (tenant, id)`,
  );
  const gateways: RunningProgram[] = [];
  for (let replica = 0; replica < 2; replica++) {
    const gateway = stack.use(await startProgram("api-gateway", config));
    await gateway.ready();
    gateways.push(gateway);
  }
  const serverSeconds = await serverCpu(stack.use(await openClient(databaseUrl)));
  const cpu = (): Cpu => ({
    gateways: gateways.reduce((sum, { pid }) => sum + cpuSeconds(pid), 0),
    server: serverSeconds(),
    generator: cpuSeconds(process.pid),
  });

  const now = new Date();
  const made = madeEvents(events, now, 0);
  const key = await makeKey(config, "acme");
  // Other ids each round: what a gateway knows already it would not store.
  const requestsOf = (round: number): Buffer[] =>
    chunks(madeEvents(events, now, round), batch).map((each) =>
      postRequest("/api/v1/events/batch", key, JSON.stringify(each)),
    );
  const received = now.getTime() * 1000;
  const rows = createCopyRows();
  for (const sent of made) addEventRow(rows, { tenant: 1, event: normal(sent, received), received });

  const ingestBy = async (replicas: number, series: number): Promise<Ingested> => {
    const requests = requestsOf(series);
    await query(databaseUrl, "truncate inbox");
    await query(databaseUrl, "checkpoint");
    const ports = gateways.slice(0, replicas).map(({ url }) => Number(new URL(url).port));
    const before = cpu();
    const { seconds, latencies } = await drive(ports, requests, connections);
    const after = cpu();
    const [row] = await query(databaseUrl, "select sum(events)::int as n from inbox");
    if (row?.["n"] !== events) throw new Error(`expected ${events} events in the inbox, got ${String(row?.["n"])}`);
    const us = (part: keyof Cpu): number => ((after[part] - before[part]) * 1e6) / events;
    return {
      rate: events / seconds,
      p99: quantile(latencies, 0.99),
      us: { gateways: us("gateways"), server: us("server"), generator: us("generator") },
    };
  };
  const [ones, twos, copies]: [Ingested[], Ingested[], number[]] = [[], [], []];
  for (let round = -1; round < rounds; round++) {
    const one = await ingestBy(1, 2 * round + 3);
    const two = await ingestBy(2, 2 * round + 4);
    await query(databaseUrl, "truncate copied");
    await query(databaseUrl, "checkpoint");
    const copySeconds = await copy(databaseUrl, rows.chunks());
    // The first round warms caches and is not counted.
    if (round < 0) continue;
    ones.push(one);
    twos.push(two);
    copies.push(events / copySeconds);
  }
  const ratio = median(ones.map(({ rate }, index) => rate / (copies[index] ?? Number.NaN)));
  const of = (all: readonly Ingested[], pick: (each: Ingested) => number): number => median(all.map(pick));
  const [one, two] = [of(ones, ({ rate }) => rate), of(twos, ({ rate }) => rate)];
  const said = `${connections} connections, batches of ${batch}, one tenant`;
  const cost = (all: readonly Ingested[]): string =>
    `CPU per event ${of(all, ({ us }) => us.gateways).toFixed(1)} us gateways + ${of(all, ({ us }) => us.server).toFixed(1)} us PostgreSQL + ${of(all, ({ us }) => us.generator).toFixed(1)} us load generator`;
  const p99 = of(twos, (each) => each.p99);
  return [
    atLeast(
      "durable ingest, one gateway / COPY with unique index",
      ratio,
      0.8,
      `${one.toFixed(0)} events/s, ${said}; COPY ${median(copies).toFixed(0)} events/s; ${cost(ones)}`,
    ),
    atMost(
      "durable ingest, two gateways, p99 / 50 ms",
      p99 / 50,
      1,
      `${p99.toFixed(1)} ms; one gateway ${of(ones, (each) => each.p99).toFixed(1)} ms; ${said}`,
    ),
    atLeast(
      "durable ingest, two gateways / Umami 3.1",
      two / umamiEventsPerSecond,
      300,
      `${two.toFixed(0)} events/s, ${said}; Umami at its best ${umamiEventsPerSecond} events/s; ${availableParallelism()} cores, ${cost(twos)}`,
    ),
  ];
}

/** CPU of those who share the machine: seconds, or microseconds an event. */
interface Cpu {
  readonly gateways: number;
  readonly server: number;
  readonly generator: number;
}

interface Ingested {
  /** Events a second. */
  readonly rate: number;
  /** Milliseconds. */
  readonly p99: number;
  readonly us: Cpu;
}

async function copy(databaseUrl: string, encoded: readonly Buffer[]): Promise<number> {
  await using client = await openClient(databaseUrl);
  const began = performance.now();
  await copyInto(client, "copied", eventColumns, encoded);
  return (performance.now() - began) / 1000;
}

function chunks<T>(values: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, index) =>
    values.slice(index * size, (index + 1) * size),
  );
}
