import { startDatabase, query } from "../../stacks/usage-tracking/testing/database.ts";
import { normal, openClient } from "../../stacks/usage-tracking/testing/apply.ts";
import { makeKey, runProgram, startProgram } from "../../stacks/usage-tracking/testing/programs.ts";
import { copyInto } from "../../stacks/usage-tracking/services/event-processor/copy-into.ts";
import { createCopyRows } from "../../stacks/usage-tracking/services/event-processor/copy-rows.ts";
import { addEventRow, eventColumns } from "../../stacks/usage-tracking/services/event-processor/event-rows.ts";
import { atLeast, atMost, type Figure } from "../lib/figure.ts";
import { median } from "../lib/median.ts";
import { drive, postRequest } from "./drive.ts";
import { madeEvents } from "./made-events.ts";

const events = 200_000;
const batch = 100;
const connections = 64;
const rounds = 5;

/**
 * Umami 3.1 (Next.js and PostgreSQL), measured on a machine of this size (2 cores, client and database on it too): 401 to
 * 664 events a second in batches of 100 to `/api/batch`, without dedupe or totals. The upper end is the peer.
 */
const umamiEventsPerSecond = 660;

/**
 * Durable ingest (one gateway, batches of 100, 64 connections, no processor) against COPY of the same events, in turn: into
 * a table with the columns and indexes of `events` and the unique index (tenant, id).
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
  const gateway = stack.use(await startProgram("api-gateway", config));
  await gateway.ready();
  const port = Number(new URL(gateway.url).port);

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

  const rates = { ingest: [] as number[], copy: [] as number[], p99: [] as number[] };
  for (let round = -1; round < rounds; round++) {
    const requests = requestsOf(round + 1);
    await query(databaseUrl, "truncate inbox; truncate copied");
    await query(databaseUrl, "checkpoint");
    const { seconds, latencies } = await drive([port], requests, connections);
    const [row] = await query(databaseUrl, "select sum(events)::int as n from inbox");
    if (row?.["n"] !== events) throw new Error(`expected ${events} events in the inbox, got ${String(row?.["n"])}`);
    await query(databaseUrl, "checkpoint");
    const copySeconds = await copy(databaseUrl, rows.chunks());
    // The first round warms caches and is not counted.
    if (round < 0) continue;
    rates.ingest.push(events / seconds);
    rates.copy.push(events / copySeconds);
    rates.p99.push(latencies.toSorted((a, b) => a - b)[Math.floor(latencies.length * 0.99)] ?? Number.NaN);
  }
  const [own, peer, p99] = [median(rates.ingest), median(rates.copy), median(rates.p99)];
  const ratio = median(rates.ingest.map((rate, index) => rate / (rates.copy[index] ?? Number.NaN)));
  const said = `${own.toFixed(0)} events/s, ${connections} connections, batches of ${batch}, one tenant`;
  return [
    atLeast("durable ingest / COPY with unique index", ratio, 0.8, `${said}; COPY ${peer.toFixed(0)} events/s`),
    atMost("durable ingest p99 / 50 ms", p99 / 50, 1, `${p99.toFixed(1)} ms`),
    atLeast(
      "durable ingest / Umami 3.1",
      own / umamiEventsPerSecond,
      300,
      `Umami at its best ${umamiEventsPerSecond} events/s`,
    ),
  ];
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
