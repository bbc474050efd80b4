import { readFileSync } from "node:fs";
import { Client } from "pg";
import { expect, it } from "vitest";
import { findPostgres } from "../../packages/runtime/src/supervisor/testing/real-postgres.ts";
import { until } from "../../packages/runtime/src/supervisor/testing/scratch.ts";
import { startCrashingAgent, survives } from "./testing/crashing.ts";
import { openStage, type Stage } from "./testing/stage.ts";

const actors = [
  { name: "store", kind: "store" },
  { name: "web", store: "store" },
] as const;

it("an agent killed in the middle of `initdb`: the next one begins anew, beside nothing", async ({ skip }) => {
  if (findPostgres() === undefined) skip("needs the PostgreSQL that npm ships");
  await using stage = await openStage();
  const broken = stage.up(actors).catch((error: unknown) => error);
  await until("initdb to run", () => stage.processes().length > 0);
  const first = stage.processes();
  await stage.killAgent();
  await broken;
  expect((await stage.up(actors)).failed).toEqual([]);
  const running = new Set(stage.processes());
  expect(first.filter((pid) => running.has(pid))).toEqual([]);
});

it("a stack taken down in the middle of `initdb`: nothing of it is left", async ({ skip }) => {
  if (findPostgres() === undefined) skip("needs the PostgreSQL that npm ships");
  await using stage = await openStage();
  const broken = stage.up(actors).catch((error: unknown) => error);
  await until("initdb to run", () => stage.processes().length > 0);
  await stage.down();
  await broken;
  await until("initdb to end", () => stage.processes().length === 0);
  expect((await stage.up(actors)).failed).toEqual([]);
});

it("an agent killed while it makes, starts and stops a database: one server, the same data", async ({ skip }) => {
  if (findPostgres() === undefined) skip("needs the PostgreSQL that npm ships");
  await using stage = await openStage();
  // Before and after the first start, while it is provisioned, started again, and stopped.
  const kept: number[] = [];
  for (const k of [2, 5, 9, 12]) {
    const crashing = await startCrashingAgent(stage, k, "now");
    const survived = await survives(crashing, async () => {
      await stage.up(actors, { start: false });
      for await (const _ of (await stage.agent()).down({ volumes: false, force: false }));
    });
    expect(survived).toBe(false);
    const result = await stage.up(actors);
    expect(result.failed).toEqual([]);
    await query(stage, "CREATE TABLE IF NOT EXISTS kept (k integer)");
    expect((await query(stage, "SELECT k FROM kept ORDER BY k")).map((row) => row["k"])).toEqual(kept);
    await query(stage, `INSERT INTO kept VALUES (${k})`);
    kept.push(k);
    for await (const _ of (await stage.agent()).down({ volumes: false, force: false }));
    expect(stage.processes()).toEqual([]);
  }
  expect(stage.text("overlaps")).toBe("");
});

async function query(stage: Stage, sql: string): Promise<Record<string, unknown>[]> {
  const { env } = await (await stage.agent()).environment("web");
  const client = new Client({ connectionString: readFileSync(env["DATABASE_URL_FILE"] ?? "", "utf8") });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}
