import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Client } from "pg";
import { encodeBody, encodeEvent } from "../../stacks/usage-tracking/events/stored-event.ts";
import { writeGroup } from "../../stacks/usage-tracking/inbox/write-group.ts";
import { copyInto } from "../../stacks/usage-tracking/services/event-processor/copy-into.ts";
import { createCopyRows } from "../../stacks/usage-tracking/services/event-processor/copy-rows.ts";
import { addEventRow, eventColumns } from "../../stacks/usage-tracking/services/event-processor/event-rows.ts";
import { startDatabase, type TestDatabase } from "../../stacks/usage-tracking/testing/database.ts";
import { migratedDatabase } from "../../stacks/usage-tracking/testing/migrated-database.ts";
import { atLeast, type Figure } from "../lib/figure.ts";
import { median } from "../lib/median.ts";
import { benchEvent, load } from "./events.ts";

const events = Number(process.env["BENCH_EVENTS"] ?? 400_000);
const rounds = Number(process.env["BENCH_ROUNDS"] ?? 3);
const batchEvents = 50_000;
const requestEvents = 100;

/**
 * Exactly once into rollups, from the inbox on, against a bare COPY of the same events into `events` with a unique index
 * on (tenant, id); and two shards against one.
 */
export async function endToEnd(): Promise<readonly Figure[]> {
  await using database = await startDatabase();
  const [copies, ones, twos]: [number[], number[], number[]] = [[], [], []];
  let rssMb = 0;
  // The first round warms caches and is not counted.
  for (let round = -1; round < rounds; round++) {
    const copy = await copyRate(database, `copy_${round + 1}`);
    const one = await drainRate(database, `one_${round + 1}`, 1);
    const two = await drainRate(database, `two_${round + 1}`, 2);
    if (round < 0) continue;
    copies.push(copy);
    ones.push(one.rate);
    twos.push(two.rate);
    rssMb = Math.max(rssMb, one.rssMb);
  }
  const [copy, one, two] = [median(copies), median(ones), median(twos)];
  const { tenants, usersPerTenant, models, spanHours } = load;
  const what = `${events} events of ${tenants} tenants with ${usersPerTenant} users and ${models} models each over ${spanHours} hours; hours, days, weeks and months of all, service, provider, user`;
  const k = (rate: number): string => `${(rate / 1000).toFixed(0)} k/s`;
  return [
    atLeast("usage end to end, one shard / COPY", one / copy, 0.5, `${k(one)} / ${k(copy)}; ${what}`),
    atLeast("usage two shards / one", two / one, 1.4, `${k(two)} / ${k(one)}`),
    {
      name: "usage backlog, memory / 512 MB",
      ratio: rssMb / 512,
      bar: 1,
      ok: rssMb <= 512,
      detail: `${rssMb.toFixed(0)} MB at most`,
    },
  ];
}

/** Events a second of a COPY in the processor's batches and its form, encoded before. */
async function copyRate(database: TestDatabase, name: string): Promise<number> {
  const client = await connect(await migratedDatabase(database, name));
  try {
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
  } finally {
    await client.end();
  }
}

const received = Date.UTC(2026, 10, 20, 12) * 1000;

/** Events a second from a full inbox to an empty one, by one process a shard; and the most memory one of them needed. */
async function drainRate(
  database: TestDatabase,
  name: string,
  shards: number,
): Promise<{ rate: number; rssMb: number }> {
  const url = await migratedDatabase(database, name);
  const client = await connect(url);
  try {
    await client.query(`insert into shard select generate_series(1, ${shards - 1})`);
    // As for the COPY.
    await client.query(
      `select ensure_event_partitions('2026-11-20T00:00:00Z'), ensure_partition('dead_letter_events', 'month', now()),
         ensure_partition('dead_letter_events', 'month', now() + interval '1 month')`,
    );
    await fillInbox(client);
    const workers = await Promise.all(Array.from({ length: shards }, (_, shard) => startWorker(url, shard)));
    const began = performance.now();
    const ended = await Promise.all(workers.map((work) => work()));
    const rate = events / ((performance.now() - began) / 1000);
    const { rows } = await client.query<{ n: string }>(
      "select sum(events) as n from rollup where dimension = 'all' and period = 'month'",
    );
    if (Number(rows[0]?.n) !== events) throw new Error(`expected ${events} events in the rollups, got ${rows[0]?.n}`);
    return { rate, rssMb: Math.max(...ended.map((each) => each.rssMb)) };
  } finally {
    await client.end();
  }
}

async function fillInbox(client: Client): Promise<void> {
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

async function startWorker(url: string, shard: number): Promise<() => Promise<{ seconds: number; rssMb: number }>> {
  const main = fileURLToPath(new URL("./processor.ts", import.meta.url));
  const child = spawn(process.execPath, [main, String(shard), String(batchEvents)], {
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
    return JSON.parse(text.split("\n")[1] ?? "") as { seconds: number; rssMb: number };
  };
}

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url, options: "-c timezone=UTC" });
  await client.connect();
  return client;
}
