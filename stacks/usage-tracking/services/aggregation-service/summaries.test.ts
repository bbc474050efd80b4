import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { formatInstant } from "../../events/instant.ts";
import { applyRows, inboxRow, normal, openClient } from "../../testing/apply.ts";
import { costOracle } from "../../testing/cost-oracle.ts";
import { query, startDatabase, until, type TestDatabase } from "../../testing/database.ts";
import { runProgram, startProgram } from "../../testing/programs.ts";
import { send } from "../../testing/stack.ts";
import { claimShard } from "../event-processor/claim-shard.ts";
import { createKnown } from "../event-processor/known.ts";

const pepper = "summaries-pepper-".repeat(3);
let server: TestDatabase;
beforeAll(async () => {
  server = await startDatabase();
});
afterAll(() => server[Symbol.asyncDispose]());

const now = Date.now() * 1000;

interface Sent {
  readonly tenant: number;
  readonly timestamp: string;
  readonly tokens: number;
  readonly user?: string;
  readonly model?: string;
}

async function apply(url: string, seq: number, sent: readonly Sent[]): Promise<void> {
  await using client = await openClient(url);
  const claim = await until(async () => {
    const claimed = await claimShard(client, 0);
    if (!claimed) throw new Error("expected the shard to be free");
    return claimed;
  });
  const rows = sent.map(({ tenant, timestamp, tokens, user, model }, index) => {
    const event = {
      event_id: randomUUID(),
      timestamp,
      service_type: "llm_service",
      service_provider: "openai",
      model: model ?? "m",
      input_tokens: tokens,
      output_tokens: 0,
      ...(user !== undefined && { user_id: user }),
    };
    return inboxRow(seq + index, tenant, [normal(event, now)]);
  });
  await applyRows(client, claim.owned, rows, createKnown(), false);
}

async function migrated(name: string): Promise<{ databaseUrl: string; pepper: string }> {
  const databaseUrl = await server.create(name);
  const config = { databaseUrl, pepper };
  expect((await runProgram("migrate", config)).code).toBe(0);
  await query(databaseUrl, "insert into tenant (name) values ('acme'), ('other'); insert into inbox_writer values (0)");
  return config;
}

test("months are summed up as an oracle does, again after late events and rule changes, and never once finalised", async () => {
  const config = await migrated("summaries");
  const month = formatInstant(now).slice(0, 7);
  const rule = (...args: string[]) => runProgram("billing-rule", config, args);
  const tiers = "tokens=0..1000:0.002,1000..:0.0003";
  const added = await rule(
    "add",
    "--service",
    "llm_service",
    "--from",
    "2020-01-01",
    "--part",
    tiers,
    "--minimum",
    "0.5",
  );
  expect(added.code, added.stdout + added.stderr).toBe(0);
  await apply(config.databaseUrl, 1, [
    { tenant: 1, timestamp: "2024-02-29T23:59:59Z", tokens: 900, user: "ada" },
    { tenant: 1, timestamp: "2024-02-01T00:00:00Z", tokens: 333, user: "bob" },
    { tenant: 1, timestamp: `${month}-01T00:00:00Z`, tokens: 700, user: "ada" },
    { tenant: 1, timestamp: `${month}-01T00:00:00Z`, tokens: 700 },
    { tenant: 2, timestamp: `${month}-01T00:00:00Z`, tokens: 1, user: "ada" },
  ]);
  const env = { AUDIT_EVERY_SECONDS: "3600", EVENT_DAYS: "36500", ROLLUP_DAYS: "36500", FINALIZE_AFTER_DAYS: "0" };
  await using _ = await startProgram("aggregation-service", { ...config, env });
  const summaries = () =>
    query(
      config.databaseUrl,
      `select tenant, month::text, total_cost::float8 as cost, cost_by_service, cost_by_user, total_events::int as events,
         active_users::int as users, is_finalized from billing_summary order by 1, 2`,
    );
  const agreed = (): Promise<Record<string, unknown>[]> =>
    until(async () => {
      const oracle = await query(
        config.databaseUrl,
        `select tenant, month, sum(cost)::float8 as cost from (${costOracle}) c group by 1, 2 order by 1, 2`,
      );
      const found = await summaries();
      expect(found.map(({ tenant, month: of, cost }) => ({ tenant, month: of, cost }))).toEqual(oracle);
      return found;
    }, 120_000);
  expect(await agreed()).toMatchObject([
    {
      tenant: 1,
      month: "2024-02-01",
      cost: 2.0699,
      cost_by_service: { llm_service: "2.0699" },
      cost_by_user: [{ user_id: "ada" }, { user_id: "bob" }],
      events: 2,
      users: 2,
      is_finalized: true,
    },
    {
      tenant: 1,
      cost: 2.12,
      cost_by_user: [{ user_id: "ada", cost: "1.06" }],
      events: 2,
      users: 1,
      is_finalized: false,
    },
    { tenant: 2, cost: 0.5, is_finalized: false },
  ]);

  const overlapping = await rule("add", "--service", "llm_service", "--from", `${month}-01`, "--part", "tokens=1");
  expect(overlapping.code).not.toBe(0);
  expect(overlapping.stdout + overlapping.stderr).toContain("overlaps no other");
  const past = await rule(
    "add",
    "--service",
    "llm_service",
    "--provider",
    "openai",
    "--from",
    "2024-02-01",
    "--part",
    "tokens=1",
  );
  expect(past.stdout + past.stderr).toContain("finalised months as they are");
  const model = await rule(
    "add",
    "--service",
    "llm_service",
    "--model",
    "m",
    "--from",
    `${month}-01`,
    "--part",
    "tokens=0.01",
  );
  expect(JSON.parse(model.stdout)).toMatchObject({
    rule: { id: expect.any(Number) as number, model: "m", method: "multiply" },
    recomputed: [
      { tenant: "acme", month, old_total: "2.12", new_total: "14" },
      { tenant: "other", month, old_total: "0.5", new_total: "0.01" },
    ],
  });
  await apply(config.databaseUrl, 100, [{ tenant: 2, timestamp: `${month}-01T00:00:00Z`, tokens: 9, user: "eve" }]);
  const [, acme, other] = await agreed();
  expect([acme?.["cost"], other?.["cost"], other?.["users"]]).toEqual([14, 0.1, 2]);

  const list = await rule("list");
  expect(
    list.stdout
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { model: unknown }).model),
  ).toEqual([null, "m"]);
  await apply(config.databaseUrl, 200, [{ tenant: 1, timestamp: "2024-02-02T00:00:00Z", tokens: 5000, user: "late" }]);
  // The open month of the same tenant has seen the late event's version: the finalised one had its chance as well.
  await until(async () => {
    const [found] = await query(
      config.databaseUrl,
      `select s.version = v.version as seen from billing_summary s join tenant_version v using (tenant)
       where tenant = 1 and not is_finalized`,
    );
    expect(found).toEqual({ seen: true });
  }, 120_000);
  expect((await summaries())[0]).toMatchObject({ cost: 2.0699, events: 2 });
}, 300_000);

test("retention drops what is old and nothing else, and the audit counts no drift for it", async () => {
  const config = await migrated("retention");
  const today = formatInstant(now).slice(0, 10);
  const lastYear = formatInstant(now - 200 * 86_400_000_000).slice(0, 7);
  await apply(config.databaseUrl, 1, [
    { tenant: 1, timestamp: "2020-06-01T00:00:00Z", tokens: 1, user: "a" },
    { tenant: 1, timestamp: `${lastYear}-01T00:00:00Z`, tokens: 1, user: "b" },
    { tenant: 1, timestamp: `${today}T00:00:00Z`, tokens: 1, user: "c" },
  ]);
  const env = { AUDIT_EVERY_SECONDS: "1", EVENT_DAYS: "31", ROLLUP_DAYS: "1000" };
  await using program = await startProgram("aggregation-service", { ...config, env });
  const kept = await until(async () => {
    const [row] = await query(
      config.databaseUrl,
      `select to_regclass('events_202006') as old, to_regclass('rollup_2020') as totals,
         to_regclass('events_${lastYear.replace("-", "")}') as events,
         (select count(*)::int from events) as n, (select sum(events)::int from rollup where dimension = 'all' and period = 'day') as counted,
         (select count(*)::int from retention_floor) as floors`,
    );
    if (row?.["old"] !== null || row["totals"] !== null || row["events"] !== null || row["floors"] !== 5)
      throw new Error(`expected old partitions to be dropped, got ${JSON.stringify(row)}`);
    return row;
  }, 150_000); // a partition in use is left for the next minute
  expect(kept).toMatchObject({ n: 1, counted: 2 });
  const swept = async (): Promise<number> =>
    Number(
      /^usage_audit_swept_timestamp_seconds (\S+)$/m.exec(
        (await send("GET", `${program.management}/metrics`)).text,
      )?.[1],
    );
  const first = await swept();
  await until(async () => {
    if (!((await swept()) > Math.max(0, first || 0))) throw new Error("expected a sweep of the audit");
  });
  expect((await send("GET", `${program.management}/metrics`)).text).toMatch(/^usage_rollup_drift_total 0$/m);
}, 240_000);
