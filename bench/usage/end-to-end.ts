import { spawn } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import type { ClientBase } from "pg";
import { encodeBody, encodeEvent } from "../../stacks/usage-tracking/events/stored-event.ts";
import { writeGroup } from "../../stacks/usage-tracking/inbox/write-group.ts";
import { copyInto } from "../../stacks/usage-tracking/services/event-processor/copy-into.ts";
import { createCopyRows } from "../../stacks/usage-tracking/services/event-processor/copy-rows.ts";
import { addEventRow, eventColumns } from "../../stacks/usage-tracking/services/event-processor/event-rows.ts";
import { openClient } from "../../stacks/usage-tracking/testing/apply.ts";
import { startDatabase, type TestDatabase } from "../../stacks/usage-tracking/testing/database.ts";
import { migratedDatabase } from "../../stacks/usage-tracking/testing/migrated-database.ts";
import { nodeAsLimited } from "../../stacks/usage-tracking/testing/programs.ts";
import { atLeast, atMost, type Figure } from "../lib/figure.ts";
import { median } from "../lib/median.ts";
import { serverCpu } from "./cpu.ts";
import { benchEvent, load, loadOf } from "./events.ts";

const endToEndEvents = Number(process.env["BENCH_EVENTS"] ?? 400_000);
const backlogEvents = Number(process.env["BENCH_EVENTS"] ?? 10_000_000);
const rounds = Number(process.env["BENCH_ROUNDS"] ?? 3);
const batchEvents = 100_000;
const requestEvents = 100;

/**
 * Exactly once into rollups, from the inbox on, against a bare COPY of the same events into `events` with a unique index
 * on (tenant, id); and two shards against one.
 */
export async function endToEnd(): Promise<readonly Figure[]> {
  await using database = await startDatabase();
  const copies: number[] = [];
  const [ones, twos]: [Drained[], Drained[]] = [[], []];
  // The first round warms caches and is not counted.
  for (let round = -1; round < rounds; round++) {
    const copy = await copyRate(database, `copy_${round + 1}`, endToEndEvents);
    const one = await drain(database, `one_${round + 1}`, 1, endToEndEvents);
    const two = await drain(database, `two_${round + 1}`, 2, endToEndEvents);
    if (round < 0) continue;
    copies.push(copy);
    ones.push(one);
    twos.push(two);
  }
  const [copy, one, two] = [median(copies), median(ones.map(rateOf)), median(twos.map(rateOf))];
  const cores = `${availableParallelism()} cores; ${cpuOf("one shard", ones)}; ${cpuOf("two", twos)}`;
  return [
    atLeast(
      "usage end to end, one shard / COPY",
      one / copy,
      0.5,
      `${k(one)} / ${k(copy)}; ${loadAndTotals(endToEndEvents)}`,
    ),
    atLeast("usage two shards / one", two / one, 1.4, `${k(two)} / ${k(one)}; ${cores}`),
    memory("usage end to end, memory / 512 MB", ones),
  ];
}

/** The same once, of a backlog that no memory holds: does it drain as fast, and in as much memory? */
export async function backlog(): Promise<readonly Figure[]> {
  await using database = await startDatabase();
  const copy = await copyRate(database, "copy", backlogEvents);
  const one = await drain(database, "backlog", 1, backlogEvents);
  const said = `${k(one.rate)} / ${k(copy)}; ${one.seconds.toFixed(0)} s; ${cpuOf("one shard", [one])}; ${loadAndTotals(backlogEvents)}`;
  return [
    atLeast("usage backlog, one shard / COPY", one.rate / copy, 0.5, said),
    memory("usage backlog, memory / 512 MB", [one]),
  ];
}

const rateOf = ({ rate }: Drained): number => rate;

function loadAndTotals(count: number): string {
  return `${loadOf(count, `${load.spanHours} hours`)}; hours, days, weeks and months of all, service, provider, user`;
}

function k(rate: number): string {
  return `${(rate / 1000).toFixed(0)} k/s`;
}

/** How full the machine was: with all of its cores busy, more shards cannot make it faster. */
function cpuOf(what: string, drained: readonly Drained[]): string {
  const of = (pick: (each: Drained) => number): number => median(drained.map(pick));
  const [processor, server] = [of((each) => each.processorUs), of((each) => each.serverUs)];
  const busy = of(({ processorUs, serverUs, rate }) => ((processorUs + serverUs) * rate) / 1e6);
  return `${what}: CPU per event ${processor.toFixed(1)} us processor + ${server.toFixed(1)} us PostgreSQL, ${busy.toFixed(2)} cores busy`;
}

function memory(name: string, drained: readonly Drained[]): Figure {
  const rssMb = Math.max(...drained.map((each) => each.rssMb));
  return atMost(name, rssMb / 512, 1, `${rssMb.toFixed(0)} MB at most`);
}

/** Events a second of a COPY in the processor's batches and its form, encoded before. */
async function copyRate(database: TestDatabase, name: string, events: number): Promise<number> {
  await using client = await openClient(await migratedDatabase(database, name));
  await client.query("select ensure_event_partitions('2026-11-20T00:00:00Z')");
  await client.query("create unique index on events_202611 (tenant, id)");
  let seconds = 0;
  for (let start = 0; start < events; start += batchEvents) {
    const rows = createCopyRows();
    for (let n = start; n < Math.min(events, start + batchEvents); n++) {
      addEventRow(rows, { ...benchEvent(n), received });
    }
    const chunks = rows.chunks();
    const began = performance.now();
    await copyInto(client, "events", eventColumns, chunks);
    seconds += (performance.now() - began) / 1000;
  }
  return events / seconds;
}

const received = Date.UTC(2026, 10, 20, 12) * 1000;

/** What a full inbox took to be emptied. */
interface Drained {
  /** Events a second. */
  readonly rate: number;
  readonly seconds: number;
  /** The most memory that one process needed. */
  readonly rssMb: number;
  /** CPU per event: of all processors, of the database. */
  readonly processorUs: number;
  readonly serverUs: number;
}

/** Empties a full inbox by one process a shard. */
async function drain(database: TestDatabase, name: string, shards: number, events: number): Promise<Drained> {
  const url = await migratedDatabase(database, name);
  await using client = await openClient(url);
  await client.query(`insert into shard select generate_series(1, ${shards - 1})`);
  // As for the COPY.
  await client.query(
    `select ensure_event_partitions('2026-11-20T00:00:00Z'), ensure_partition('dead_letter_events', 'month', now()),
       ensure_partition('dead_letter_events', 'month', now() + interval '1 month')`,
  );
  await fillInbox(client, events);
  const serverSeconds = await serverCpu(client);
  const workers = await Promise.all(Array.from({ length: shards }, (_, shard) => startWorker(url, shard)));
  const [before, began] = [serverSeconds(), performance.now()];
  const ended = await Promise.all(workers.map((work) => work()));
  const seconds = (performance.now() - began) / 1000;
  const server = serverSeconds() - before;
  const { rows } = await client.query<{ n: string }>(
    "select sum(events) as n from rollup where dimension = 'all' and period = 'month'",
  );
  if (Number(rows[0]?.n) !== events) throw new Error(`expected ${events} events in the rollups, got ${rows[0]?.n}`);
  return {
    rate: events / seconds,
    seconds,
    rssMb: Math.max(...ended.map((each) => each.rssMb)),
    processorUs: (ended.reduce((sum, each) => sum + each.cpuSeconds, 0) * 1e6) / events,
    serverUs: (server * 1e6) / events,
  };
}

async function fillInbox(client: ClientBase, events: number): Promise<void> {
  await client.query("insert into inbox_writer values (0)");
  let seq = 0n;
  // A request has events of one tenant: those of every twentieth number.
  for (let start = 0; start < events; start += requestEvents * load.tenants) {
    const items = Array.from({ length: load.tenants }, (_, tenant) => {
      const numbers = Array.from({ length: requestEvents }, (__, index) => start + index * load.tenants + tenant);
      const own = numbers.filter((n) => n < events).map(benchEvent);
      return {
        tenant: own[0]?.tenant ?? 1,
        events: own.length,
        body: encodeBody(own.map(({ event }) => encodeEvent(event))),
      };
    }).filter((item) => item.events > 0);
    await writeGroup(client, 0, seq, items);
    seq += BigInt(items.length);
  }
}

interface WorkerEnd {
  readonly cpuSeconds: number;
  readonly rssMb: number;
}

async function startWorker(url: string, shard: number): Promise<() => Promise<WorkerEnd>> {
  const main = fileURLToPath(new URL("./processor.ts", import.meta.url));
  const child = spawn(process.execPath, [...nodeAsLimited, main, String(shard), String(batchEvents)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (data: string) => (text += data));
  const exited = once(child, "exit");
  child.stdin.write(`${url}\n`);
  while (!text.includes("ready\n"))
    await Promise.race([
      once(child.stdout, "data"),
      exited.then(() => Promise.reject(new Error("the processor ended"))),
    ]);
  return async () => {
    child.stdin.write("go\n");
    await exited;
    return JSON.parse(text.split("\n")[1] ?? "") as WorkerEnd;
  };
}
