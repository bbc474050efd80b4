import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createReadStream, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { builtInMappings } from "./replay/built-in-mappings.ts";
import type { Mapping } from "./replay/mapping.ts";
import { readCsv } from "./replay/read-rows.ts";
import { runReplay, type Summary } from "./replay/run-replay.ts";
import { openClient } from "./testing/apply.ts";
import { superviseStack } from "./testing/caisson.ts";
import { query, until } from "./testing/database.ts";
import { driftEverywhere } from "./testing/drift.ts";
import { randomOf } from "./testing/random.ts";
import { send } from "./testing/stack.ts";
import { struckRows } from "./testing/struck-rows.ts";

const trace = fileURLToPath(new URL("../../../shared/data/traces/azure-llm-inference-conv.csv", import.meta.url));
const absent = existsSync(trace) ? "" : ` (skipped: ${trace} is not here)`;
const seed = Number(process.env["TRACE_SEED"] ?? 20231116);

/** Who is killed in each pass, in this order, at rows that the seed determines. */
const victims = ["event-processor", "postgres", "api-gateway", "event-processor"] as const;

interface Totals {
  readonly event_count: number;
  readonly input_tokens: number;
  readonly output_tokens: number;
}

test.skipIf(absent !== "")(
  `the real trace, replayed twice under kill -9 and once more (seed ${seed}), adds up to what awk says, hour by hour${absent}`,
  async () => {
    // A trace of 2023 is kept, whatever the date.
    const kept = ["eventDays=36500", "rollupDays=36500"];
    // Small transactions: more of them to be killed in. Requests as fast as they can be sent.
    const fast = ["batchEvents=300", "auditEverySeconds=1", "rateLimitPerMinute=1000000"];
    await using stack = await superviseStack([...fast, ...kept]);
    const databaseUrl = await stack.databaseUrl();
    const keys: string[] = [];
    for (const tenant of ["tenant-0", "tenant-1", "tenant-2"]) keys.push(await stack.makeKey(tenant));
    const [gateway, queries] = [await stack.url("api-gateway"), await stack.url("query-service")];

    await stack.command(
      "billing-rule",
      "add",
      "--service",
      "llm_service",
      "--from",
      "2023-01-01",
      "--part",
      `tokens=${tiers}`,
    );

    const plain = builtInMappings["azure-llm-trace"];
    if (!plain) throw new Error("expected the mapping of the trace");
    // The trace has neither latencies nor users: a request takes a millisecond for each token of its context, and whoever
    // gets as many tokens as another is the same user.
    const mapping: Mapping = {
      ...plain,
      fields: {
        ...plain.fields,
        latency_ms: { column: "ContextTokens", as: "number" },
        user_id: { column: "GeneratedTokens", as: "text" },
      },
    };
    const random = randomOf(seed);
    const kills = { "event-processor": 0, "api-gateway": 0, postgres: 0 };
    const pass = (): Promise<Summary> =>
      runReplay({
        rows: struckRows(readCsv(createReadStream(trace, { encoding: "utf8" })), {
          // None at the very beginning or end: there is load before and after each.
          at: victims.map(() => Math.floor((0.05 + random() * 0.8) * 19_366)).toSorted((a, b) => a - b),
          strike: async (nth) => {
            const victim = victims[nth] ?? "postgres";
            await stack.crash(victim);
            kills[victim]++;
          },
        }),
        mapping,
        keys,
        source: "",
        target: { url: gateway, timeoutMs: 30_000, patienceMs: 300_000, onRetry: () => undefined },
        batchSize: 25,
        concurrency: 2,
        onProgress: () => undefined,
      });
    const settled = (): Promise<void> =>
      until(async () => {
        const left = await query(
          databaseUrl,
          "select count(*)::int as left from inbox left join shard_cursor using (shard, writer) where seq > coalesce(pos, 0)",
        );
        if (left[0]?.["left"] !== 0) throw new Error(`expected an empty inbox, got ${JSON.stringify(left)}`);
      });

    const first = await pass();
    expect([first.sent, first.invalid]).toEqual([19_366, 0]);
    await settled();
    const expected = { hour: oracle(13), day: oracle(10) };
    expect(Object.values(expected.hour).reduce((sum, { event_count }) => sum + event_count, 0)).toBe(19_366);
    expect(await answers(queries, keys, "hour")).toEqual(expected.hour);
    expect(await answers(queries, keys, "day")).toEqual(expected.day);

    expect(await shapes(databaseUrl)).toEqual({ ...shapeOracle(13), ...shapeOracle(10) });
    const costs = costOracle();
    await until(async () => expect(await summaries(databaseUrl)).toEqual(costs));

    const second = await pass();
    expect(second.accepted + second.duplicate).toBe(19_366);
    expect(kills).toEqual({ "event-processor": 4, "api-gateway": 2, postgres: 2 });
    const third = await replayByCommand(gateway, keys);
    expect(third.accepted + third.duplicate).toBe(19_366);
    await settled();
    expect(await answers(queries, keys, "hour")).toEqual(expected.hour);
    expect(await shapes(databaseUrl)).toEqual({ ...shapeOracle(13), ...shapeOracle(10) });
    expect(await summaries(databaseUrl)).toEqual(costs);
    expect(await query(databaseUrl, "select count(*)::int as n from dead_letter_events")).toEqual([{ n: 0 }]);

    expect(await drift(databaseUrl)).toEqual([]);
    const audit = await stack.management("aggregation-service");
    await until(async () => {
      const metrics = (await send("GET", `${audit}/metrics`)).text;
      expect(metrics).toMatch(/^usage_rollup_drift_total 0$/m);
      const hours = Number(/^usage_audited_buckets_total\{period="hour"\} (\d+)$/m.exec(metrics)?.[1]);
      if (!(hours >= 2 * 24)) throw new Error(`expected the day of the trace to be audited twice, got ${hours} hours`);
    }, 120_000);
  },
  420_000,
);

/** The same file through the command that people use. */
async function replayByCommand(url: string, keys: readonly string[]): Promise<Omit<Summary, "problems">> {
  const folder = mkdtempSync(join(tmpdir(), "usage-replay-"));
  const keyFile = join(folder, "keys");
  writeFileSync(keyFile, keys.join("\n"), { mode: 0o600 });
  const main = fileURLToPath(new URL("./replay/main.ts", import.meta.url));
  const options = ["--mapping", "azure-llm-trace", "--url", url, "--key-file", keyFile];
  const child = spawn(process.execPath, [main, trace, ...options, "--format", "json"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (data: Buffer) => (stdout += data.toString()));
  child.stderr.on("data", (data: Buffer) => (stderr += data.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  rmSync(folder, { recursive: true });
  if (code !== 0) throw new Error(`replay ended with ${code}: ${stderr}`);
  expect(stderr).toBe(""); // no progress bar without a terminal
  return JSON.parse(stdout) as Summary;
}

/** Count and token sums by tenant and the first `width` characters of the time: one awk pass over the file. */
function oracle(width: number): Record<string, Totals> {
  const program = `NR > 1 { sub(/\\r$/, ""); key = (NR - 2) % 3 " " substr($1, 1, ${width}); n[key]++; i[key] += $2; o[key] += $3 }
    END { for (key in n) printf "%s,%d,%d,%d\\n", key, n[key], i[key], o[key] }`;
  const lines = execFileSync("awk", ["-F,", program, trace], { encoding: "utf8" }).trim().split("\n");
  return Object.fromEntries(
    lines.map((line) => {
      const [key = "", events, input, output] = line.split(",");
      return [key, { event_count: Number(events), input_tokens: Number(input), output_tokens: Number(output) }];
    }),
  );
}

/** Active users and p95 latency (in microseconds) by tenant and the first `width` characters of the time: sort and awk. */
function shapeOracle(width: number): Record<string, Shape> {
  const lines = (program: string, ...sort: string[]): string[][] => {
    const rows = execFileSync("awk", ["-F,", program, trace], { encoding: "utf8" });
    const sorted = execFileSync("sort", ["-t,", "-k1,1", ...sort], {
      input: rows,
      encoding: "utf8",
      env: { ...process.env, LC_ALL: "C" },
    });
    return sorted
      .trim()
      .split("\n")
      .map((line) => line.split(","));
  };
  const of = (column: string): string =>
    `NR > 1 { sub(/\\r$/, ""); print (NR - 2) % 3 " " substr($1, 1, ${width}) "," ${column} }`;
  const found: Record<string, Shape> = {};
  const latencies = Map.groupBy(lines(of("$2"), "-k2,2n"), ([key = ""]) => key);
  const users = Map.groupBy(lines(of("$3"), "-u", "-k2,2"), ([key = ""]) => key);
  for (const [key, own] of latencies) {
    const rank = Math.ceil((own.length * 95) / 100);
    found[key] = { users: users.get(key)?.length ?? 0, p95: middleOfSlot(Number(own[rank - 1]?.[1]) * 1000) };
  }
  return found;
}

interface Shape {
  readonly users: number;
  readonly p95: number;
}

/** What a latency is shown as: the middle of its 32nd of a power of two. */
function middleOfSlot(us: number): number {
  let width = 1;
  while (us / width >= 64) width *= 2;
  const shown = Math.floor(us / width) * width + (width - 1) / 2;
  expect(Math.abs(shown - us)).toBeLessThanOrEqual(us / 64);
  return shown;
}

/** The same as kept, for hours and days. */
async function shapes(databaseUrl: string): Promise<Record<string, Shape>> {
  const rows = await query(
    databaseUrl,
    `select t.name, to_char(bucket at time zone 'UTC', case period when 'hour' then 'YYYY-MM-DD HH24' else 'YYYY-MM-DD' end) as start,
       (select sum(cardinality(compact_counts(a.users)))::int from rollup_active a
        where a.tenant = r.tenant and a.dimension = 'all' and a.period = r.period and a.bucket = r.bucket)
         as users,
       latency_quantile(latency, 0.95)::float8 as p95
     from rollup r join tenant t on t.id = r.tenant where dimension = 'all' and period in ('hour', 'day')`,
  );
  const named = rows.map(({ name, start, users, p95 }) => [
    `${String(name).slice(-1)} ${String(start)}`,
    { users, p95 },
  ]);
  return Object.fromEntries(named) as Record<string, Shape>;
}

const tiers = "0..1000000:0.000002,1000000..5000000:0.000001,5000000..:0.0000005";

/** What each tenant's month costs in units of 10^-12, by one awk pass: whole numbers below 2^53. */
function costOracle(): Record<string, string> {
  const program = `NR > 1 { sub(/\\r$/, ""); t[(NR - 2) % 3] += $2 + $3 }
    END { for (k in t) { v = t[k]; a = v < 1e6 ? v : 1e6; b = v < 1e6 ? 0 : (v < 5e6 ? v - 1e6 : 4e6); c = v < 5e6 ? 0 : v - 5e6
      printf "tenant-%d,%.0f\\n", k, a * 2000000 + b * 1000000 + c * 500000 } }`;
  const lines = execFileSync("awk", ["-F,", program, trace], { encoding: "utf8" }).trim().split("\n");
  return Object.fromEntries(lines.map((line) => line.split(",") as [string, string]));
}

/** The same as summed up. */
async function summaries(databaseUrl: string): Promise<Record<string, string>> {
  const rows = await query(
    databaseUrl,
    "select t.name, (total_cost * 1e12)::bigint::text as cost from billing_summary s join tenant t on t.id = s.tenant where month = '2023-11-01'",
  );
  return Object.fromEntries(rows.map(({ name, cost }) => [name, cost])) as Record<string, string>;
}

/** The same from the API, each tenant with its own key; periods without usage left out. */
async function answers(url: string, keys: readonly string[], period: "hour" | "day"): Promise<Record<string, Totals>> {
  const width = period === "hour" ? 13 : 10;
  const found: Record<string, Totals> = {};
  for (const [tenant, key] of keys.entries()) {
    const path = `/api/v1/usage/aggregate?period=${period}&from=2023-11-01&to=2023-12-01`;
    const answer = await until(async () => {
      const got = await send("GET", url + path, { key });
      if (got.status !== 200) throw new Error(got.text); // the database is just coming back
      return got;
    });
    const { buckets } = answer.body as { buckets: (Totals & { start: string })[] };
    expect(buckets).toHaveLength(period === "hour" ? 720 : 30);
    for (const { start, event_count, input_tokens, output_tokens } of buckets) {
      if (event_count > 0)
        found[`${tenant} ${start.replace("T", " ").slice(0, width)}`] = { event_count, input_tokens, output_tokens };
    }
  }
  return found;
}

async function drift(databaseUrl: string): Promise<unknown[]> {
  await using client = await openClient(databaseUrl);
  return await driftEverywhere(client); // before its connection ends
}
