import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { query, startDatabase, until, type TestDatabase } from "./testing/database.ts";
import { makeKey, runProgram, startProgram, type RunningProgram } from "./testing/programs.ts";
import { send, type Answer } from "./testing/stack.ts";

const pepper = "outage-pepper-".repeat(4);
let server: TestDatabase;
beforeAll(async () => {
  server = await startDatabase();
});
afterAll(() => server[Symbol.asyncDispose]());

const custom = (): Record<string, unknown> => ({
  event_id: randomUUID(),
  service_type: "custom",
  service_provider: "p",
  metrics: { n: 1 },
});

function post(gateway: RunningProgram, key: string, json: unknown): Promise<Answer> {
  return send("POST", `${gateway.url}/api/v1/events/batch`, { key, json });
}

test("started in reverse order, without a schema and without a database, everything becomes ready by itself", async () => {
  const databaseUrl = await server.create("reverse");
  const config = { databaseUrl, pepper };
  await server.crash();
  await using stack = new AsyncDisposableStack();
  const names = ["aggregation-service", "query-service", "event-processor", "api-gateway"] as const;
  const programs: RunningProgram[] = [];
  for (const name of names) programs.push(stack.use(await startProgram(name, config)));
  const readiness = async (program: RunningProgram): Promise<string> => {
    const live = await send("GET", `${program.management}/health/live`);
    expect(live.status).toBe(200);
    const ready = await send("GET", `${program.management}/health/ready`);
    expect(ready.status).toBe(503);
    return ready.text;
  };
  for (const program of programs) expect(await until(() => readiness(program))).toContain("postgres");
  await server.start();
  for (const program of programs) {
    await until(async () => expect(await readiness(program)).toContain("the migrations have not been run"));
  }
  expect((await runProgram("migrate", config)).code).toBe(0);
  await Promise.all(programs.map((program) => program.ready()));
  for (const program of programs) expect(await program.stop()).toBe(0);
}, 180_000);

test("while the database is away nothing is acknowledged; what was acknowledged before and after is counted once", async () => {
  const databaseUrl = await server.create("away");
  const config = { databaseUrl, pepper };
  expect((await runProgram("migrate", config)).code).toBe(0);
  const key = await makeKey(config, "acme");
  await using gateway = await startProgram("api-gateway", config);
  await using processor = await startProgram("event-processor", config);
  await using queries = await startProgram("query-service", config);
  await Promise.all([gateway, processor, queries].map((program) => program.ready()));
  const acknowledged: string[] = [];
  const sendOne = async (): Promise<number> => {
    const event = custom();
    const answer = await post(gateway, key, [event]);
    if (answer.status === 202) acknowledged.push(String(event["event_id"]));
    else {
      expect(answer.status).toBe(503);
      expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
      expect(answer.body).toMatchObject({ status: 503 });
    }
    return answer.status;
  };
  expect(await sendOne()).toBe(202);
  await server.crash();
  for (let n = 0; n < 20; n++) expect(await sendOne()).toBe(503);
  const answer = await send("GET", `${queries.url}/api/v1/usage`, { key });
  expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "1"]);
  await server.start();
  await until(async () => {
    if ((await sendOne()) !== 202) throw new Error("expected the gateway to be back");
  });
  await until(async () => {
    const stored = await query(databaseUrl, "select id from events");
    expect(stored.map((row) => row["id"]).toSorted()).toEqual(acknowledged.toSorted());
  });
}, 180_000);

test("gateways killed in the middle of requests lose nothing they acknowledged, a retry of all adds nothing", async () => {
  const databaseUrl = await server.create("killed");
  const config = { databaseUrl, pepper };
  expect((await runProgram("migrate", config)).code).toBe(0);
  const key = await makeKey(config, "acme");
  await using _ = await startProgram("event-processor", config);
  const batches: Record<string, unknown>[][] = [];
  const acknowledged = new Set<string>();
  for (let round = 0; round < 3; round++) {
    await using gateway = await startProgram("api-gateway", config);
    await gateway.ready();
    const before = acknowledged.size;
    const clients = Array.from({ length: 6 }, async () => {
      for (;;) {
        const batch = Array.from({ length: 20 }, custom);
        batches.push(batch);
        const answer = await post(gateway, key, batch).catch(() => undefined);
        if (answer?.status !== 202) return; // killed
        for (const event of batch) acknowledged.add(String(event["event_id"]));
      }
    });
    await until(async () => {
      if (acknowledged.size < before + 400) throw new Error("expected more acknowledgements");
    });
    await gateway.crash();
    await Promise.all(clients);
  }
  await using gateway = await startProgram("api-gateway", config);
  await gateway.ready();
  for (const batch of batches) expect((await post(gateway, key, batch)).status).toBe(202);
  const sent = batches.flat().map((event) => String(event["event_id"]));
  await until(async () => {
    const [row] = await query(databaseUrl, "select count(*)::int as n, count(distinct id)::int as d from events");
    expect(row).toEqual({ n: sent.length, d: sent.length });
  });
  const stored = await query(databaseUrl, "select id from events");
  expect(new Set(stored.map((row) => row["id"]))).toEqual(new Set(sent));
  expect(
    await query(databaseUrl, "select sum(events)::int as n from rollup where dimension = 'all' and period = 'day'"),
  ).toEqual([{ n: sent.length }]);
}, 180_000);

test("one processor owns the shard, the other takes over when it is killed", async () => {
  const databaseUrl = await server.create("standby");
  const config = { databaseUrl, pepper, env: { BATCH_EVENTS: "50" } };
  expect((await runProgram("migrate", config)).code).toBe(0);
  const key = await makeKey(config, "acme");
  await using gateway = await startProgram("api-gateway", config);
  await using one = await startProgram("event-processor", config);
  await using two = await startProgram("event-processor", config);
  await Promise.all([gateway, one, two].map((program) => program.ready()));
  const owners = async (): Promise<RunningProgram[]> => {
    const found: RunningProgram[] = [];
    for (const program of [one, two]) {
      const { text } = await send("GET", `${program.management}/metrics`);
      if (/^usage_shard_owner\{shard="0"\} 1$/m.test(text)) found.push(program);
    }
    return found;
  };
  const [owner] = await until(async () => {
    const found = await owners();
    if (found.length !== 1) throw new Error(`expected one owner, got ${found.length}`);
    return found;
  });
  const events = Array.from({ length: 1000 }, custom);
  const sending = Promise.all(
    Array.from({ length: 10 }, async (_, part) => post(gateway, key, events.slice(part * 100, part * 100 + 100))),
  );
  await owner?.crash();
  expect((await sending).map((answer) => answer.status)).toEqual(Array.from({ length: 10 }, () => 202));
  await until(async () => {
    expect(await query(databaseUrl, "select count(*)::int as n from events")).toEqual([{ n: 1000 }]);
  });
  const other = owner === one ? two : one;
  const { text } = await send("GET", `${other.management}/metrics`);
  expect(text).toMatch(/^usage_shard_owner\{shard="0"\} 1$/m);
}, 180_000);

test("a stop finishes what is in hand: every request is answered, and the exit code is 0", async () => {
  const databaseUrl = await server.create("drain");
  const config = { databaseUrl, pepper };
  expect((await runProgram("migrate", config)).code).toBe(0);
  const key = await makeKey(config, "acme");
  await using gateway = await startProgram("api-gateway", config);
  await using processor = await startProgram("event-processor", config);
  await Promise.all([gateway, processor].map((program) => program.ready()));
  const batches = Array.from({ length: 12 }, () => Array.from({ length: 500 }, custom));
  const answers = Promise.allSettled(batches.map((batch) => post(gateway, key, batch)));
  const inInbox = async (): Promise<number> => {
    const [row] = await query(databaseUrl, "select coalesce(sum(events), 0)::int as n from inbox");
    return Number(row?.["n"]);
  };
  await until(async () => {
    if ((await inInbox()) === 0) throw new Error("expected a first commit");
  });
  expect(await gateway.stop()).toBe(0);
  // A connection that was not accepted yet is refused; whatever was read is answered, and stored.
  const answered = (await answers).flatMap((each) => (each.status === "fulfilled" ? [each.value.status] : []));
  expect(answered.length).toBeGreaterThan(0);
  expect(new Set(answered)).toEqual(new Set([202]));
  expect(await inInbox()).toBe(answered.length * 500);
  expect(await processor.stop()).toBe(0);
}, 180_000);
