import { afterAll, beforeAll, expect, test } from "vitest";
import { query, startDatabase, until, type TestDatabase } from "../../testing/database.ts";
import { runProgram, startProgram, type RunningProgram } from "../../testing/programs.ts";

let server: TestDatabase;
beforeAll(async () => {
  server = await startDatabase();
});
afterAll(() => server[Symbol.asyncDispose]());

async function metricsOf(program: RunningProgram): Promise<string> {
  return (await fetch(`${program.management}/metrics`)).text();
}

async function leads(program: RunningProgram): Promise<boolean> {
  const metrics = await metricsOf(program);
  const [, value] = /^usage_aggregation_leader (\d)$/m.exec(metrics) ?? [];
  if (value === undefined) throw new Error(`expected usage_aggregation_leader, got ${metrics}`);
  return value === "1";
}

/** Whether its audit went through everything at least once. */
async function hasSwept(program: RunningProgram): Promise<boolean> {
  return /^usage_audit_swept_timestamp_seconds [1-9]/m.test(await metricsOf(program));
}

/** The one of them that leads, once there is one. */
function leaderOf(programs: readonly RunningProgram[]): Promise<RunningProgram> {
  return until(async () => {
    const leading: RunningProgram[] = [];
    for (const program of programs) if (await leads(program)) leading.push(program);
    const [leader] = leading;
    if (!leader || leading.length > 1) throw new Error(`expected one leader, got ${leading.length}`);
    return leader;
  });
}

test("of three replicas one leads; killed, stopped, cut off or without its database, another takes over", async () => {
  const databaseUrl = await server.create("led");
  const config = { databaseUrl, pepper: "leader-pepper-".repeat(4), env: { AUDIT_EVERY_SECONDS: "1" } };
  expect((await runProgram("migrate", config)).code).toBe(0);
  await using stack = new AsyncDisposableStack();
  const start = async (): Promise<RunningProgram> => stack.use(await startProgram("aggregation-service", config));
  const all = await Promise.all([start(), start(), start()]);
  await Promise.all(all.map((program) => program.ready()));

  const first = await leaderOf(all);
  await until(async () => expect(await hasSwept(first)).toBe(true));
  for (const program of all) expect(await hasSwept(program)).toBe(program === first);

  await first.crash();
  const others = all.filter((program) => program !== first);
  const second = await leaderOf(others);
  expect(await second.stop()).toBe(0);
  const third = await leaderOf(others.filter((program) => program !== second));

  // Its connection is cut: it leads no more until it, or the other one, has the lock again.
  const fourth = await start();
  await fourth.ready();
  await query(
    databaseUrl,
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'usage-aggregation-leader'",
  );
  await leaderOf([third, fourth]);
  await server.crash();
  await server.start();
  await leaderOf([third, fourth]);
  const held = await query(
    databaseUrl,
    `select count(*)::int as n from pg_locks where locktype = 'advisory' and granted
       and database = (select oid from pg_database where datname = current_database())`,
  );
  expect(held).toEqual([{ n: 1 }]);
}, 240_000);
