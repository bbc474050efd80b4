import { afterAll, beforeAll, expect, test } from "vitest";
import { aggregationService } from "./services/aggregation-service/contract.ts";
import { apiGateway } from "./services/api-gateway/contract.ts";
import { billingRule } from "./services/billing-rule/contract.ts";
import { createKey } from "./services/create-key/contract.ts";
import { deadLetters } from "./services/dead-letters/contract.ts";
import { eventProcessor } from "./services/event-processor/contract.ts";
import { queryService } from "./services/query-service/contract.ts";
import { openClient } from "./testing/apply.ts";
import { query, startDatabase, until, type TestDatabase } from "./testing/database.ts";
import { runProgram, startJob } from "./testing/programs.ts";
import { randomOf } from "./testing/random.ts";
import { dumpSchema } from "./testing/schema-dump.ts";

const pepper = "migration-pepper-".repeat(3);
const seed = Number(process.env["MIGRATION_SEED"] ?? 7);
let server: TestDatabase;
let whole: string;
let commands: number;
beforeAll(async () => {
  server = await startDatabase();
  const databaseUrl = await server.create("whole");
  await query(databaseUrl, stopAt(0));
  expect((await runProgram("migrate", { databaseUrl, pepper })).code).toBe(0);
  whole = await dumpSchema(databaseUrl);
  const [row] = await query(databaseUrl, "select last_value::int as n from crash.command");
  commands = Number(row?.["n"]);
});
afterAll(() => server[Symbol.asyncDispose]());

/** Counts the DDL commands of a database and stops at the `nth` until advisory lock 42 is free. */
function stopAt(nth: number): string {
  return `
    create schema crash;
    create sequence crash.command;
    create function crash.stop() returns event_trigger language plpgsql as $$
    begin
      if nextval('crash.command') = ${nth} then perform pg_advisory_xact_lock(42); end if;
    end $$;
    create event trigger crash_stop on ddl_command_end execute function crash.stop();`;
}

test("the second boot changes nothing", async () => {
  const databaseUrl = await server.create("twice");
  expect((await runProgram("migrate", { databaseUrl, pepper })).code).toBe(0);
  expect(await dumpSchema(databaseUrl)).toBe(whole);
  const again = await runProgram("migrate", { databaseUrl, pepper });
  expect(again.stdout).toContain('"applied":0');
  expect(await dumpSchema(databaseUrl)).toBe(whole);
});

test(`kill -9 of the migration or of the database in the middle of it (seed ${seed}), then another boot: the same schema`, async () => {
  expect(commands).toBeGreaterThan(30);
  const random = randomOf(seed);
  const moments = [1, commands, ...Array.from({ length: 4 }, () => 1 + Math.floor(random() * commands))];
  for (const [index, moment] of moments.entries()) {
    const databaseUrl = await server.create(`crash_${index}`);
    await query(databaseUrl, stopAt(moment));
    await using holder = await openClient(databaseUrl);
    await holder.query("select pg_advisory_lock(42)");
    const migration = startJob("migrate", { databaseUrl, pepper });
    await until(async () => {
      const { rows } = await holder.query(
        "select from pg_locks where locktype = 'advisory' and objid = 42 and not granted",
      );
      if (rows.length === 0) throw new Error(`expected the migration to wait at command ${moment} of ${commands}`);
    });
    if (index % 2 === 0) {
      await migration.crash();
      await holder.query("select pg_advisory_unlock(42)");
    } else {
      await server.crash();
      await server.start();
      expect((await migration.ended).code).not.toBe(0);
    }
    expect((await runProgram("migrate", { databaseUrl, pepper })).code, `after command ${moment}`).toBe(0);
    expect(await dumpSchema(databaseUrl), `after command ${moment}`).toBe(whole);
  }
}, 300_000);

test("two boots at once are one after the other", async () => {
  const databaseUrl = await server.create("at_once");
  const ended = await Promise.all([1, 2].map(() => runProgram("migrate", { databaseUrl, pepper })));
  expect(ended.map((each) => each.code)).toEqual([0, 0]);
  expect(await dumpSchema(databaseUrl)).toBe(whole);
});

test("contracts ask for the newest schema", async () => {
  const versions = [...whole.matchAll(/^row \| caisson_schema \| (\d+) /gm)].map((match) => Number(match[1]));
  const newest = Math.max(...versions);
  for (const program of [
    apiGateway,
    eventProcessor,
    queryService,
    aggregationService,
    createKey,
    billingRule,
    deadLetters,
  ]) {
    expect(program.schemaVersion, program.name).toBe(newest);
  }
});
