import { afterAll, beforeAll, expect, test } from "vitest";
import { startDatabase, query, until, type TestDatabase } from "./testing/database.ts";
import { makeKey, runProgram, startProgram, type RunningProgram, type StackConfig } from "./testing/programs.ts";
import { send, type Answer } from "./testing/stack.ts";
import { llmEvent } from "./testing/usage-events.ts";

let server: TestDatabase;
beforeAll(async () => {
  server = await startDatabase();
});
afterAll(() => server[Symbol.asyncDispose]());

async function prepared(name: string, env: Record<string, string>): Promise<StackConfig> {
  const config = { databaseUrl: await server.create(name), pepper: "admission-pepper-".repeat(3), env };
  expect((await runProgram("migrate", config)).code).toBe(0);
  return config;
}

const post = (gateway: RunningProgram, key: string): Promise<Answer> =>
  send("POST", `${gateway.url}/api/v1/events`, { key, json: llmEvent() });
const codes = (answers: readonly Answer[]): number[] => answers.map((answer) => answer.status);

test("the rate of a key holds over all gateways and both keys of a rotation, and for nobody else", async () => {
  const config = await prepared("rates", { RATE_LIMIT_PER_MINUTE: "60", RATE_LIMIT_BURST: "40" });
  const key = await makeKey(config, "acme");
  const rotated = (await runProgram("rotate-key", config, [key.split("_")[2] ?? ""])).stdout.trim();
  const other = await makeKey(config, "acme");
  await using one = await startProgram("api-gateway", config);
  await using two = await startProgram("api-gateway", config);
  await Promise.all([one.ready(), two.ready()]);
  const began = performance.now();
  const answers = await Promise.all(
    Array.from({ length: 150 }, (_, n) => post(n % 2 === 0 ? one : two, n % 3 === 0 ? rotated : key)),
  );
  const seconds = (performance.now() - began) / 1000;
  const admitted = answers.filter((answer) => answer.status === 202);
  expect(admitted.length).toBeGreaterThanOrEqual(40);
  // The burst, what came back meanwhile, and a slice of each gateway.
  expect(admitted.length).toBeLessThanOrEqual(40 + Math.ceil(seconds) + 2 * 4);
  expect(new Set(codes(answers))).toEqual(new Set([202, 429]));
  const stored = await query(config.databaseUrl, "select sum(events)::int as n from inbox");
  expect(stored).toEqual([{ n: admitted.length }]);
  for (const answer of answers) {
    expect(answer.headers.get("x-ratelimit-limit")).toBe("60");
    expect(Number(answer.headers.get("x-ratelimit-remaining"))).toBeLessThanOrEqual(40);
    expect(Number(answer.headers.get("x-ratelimit-reset"))).toBeGreaterThanOrEqual(Math.floor(Date.now() / 1000) - 60);
  }
  const refused = answers.find((answer) => answer.status === 429);
  expect(refused?.body).toMatchObject({ code: "too_many_requests", detail: expect.stringContaining("60") as unknown });
  expect(Number(refused?.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(admitted[0]?.headers.get("retry-after")).toBeNull();
  expect((await post(one, other)).status).toBe(202);
  await until(async () => expect((await post(one, key)).status).toBe(202));
  const { text } = await send("GET", `${one.management}/metrics`);
  expect(text).toMatch(/^usage_rate_limited_total [1-9]/m);
});

test("who has no key takes no tokens, and neither does a request that is refused for the system's sake", async () => {
  const config = await prepared("lag", { MAX_LAG_SECONDS: "1", RATE_LIMIT_PER_MINUTE: "1", RATE_LIMIT_BURST: "3" });
  const key = await makeKey(config, "acme");
  await using gateway = await startProgram("api-gateway", config);
  await gateway.ready();
  for (let n = 0; n < 5; n++) expect((await post(gateway, "x")).status).toBe(401);
  expect((await post(gateway, key)).status).toBe(202);
  // Nobody processes it.
  await query(config.databaseUrl, "update inbox set received_at = now() - interval '1 hour'");
  const refused = await until(async () => {
    const answer = await post(gateway, key);
    if (answer.status !== 503) throw new Error(`expected 503, got ${answer.status}`);
    return answer;
  });
  expect(refused.body).toMatchObject({
    code: "dependency_unavailable",
    detail: expect.stringContaining("more than 1") as unknown,
  });
  expect(Number(refused.headers.get("retry-after"))).toBe(10);
  await using processor = await startProgram("event-processor", config);
  await processor.ready();
  await until(async () => {
    const answer = await post(gateway, key);
    if (answer.status === 503) throw new Error("expected to be let in again");
  });
  const { text } = await send("GET", `${gateway.management}/metrics`);
  expect(text).toMatch(/^usage_inbox_refused_total\{reason="lag"\} [1-9]/m);
});

test("a database that has reached its size takes nothing in", async () => {
  const config = await prepared("sized", { DATABASE_MAX_BYTES: "1000000" });
  const key = await makeKey(config, "acme");
  await using gateway = await startProgram("api-gateway", config);
  await gateway.ready();
  const refused = await until(async () => {
    const answer = await post(gateway, key);
    if (answer.status !== 503) throw new Error(`expected 503, got ${answer.status}`);
    return answer;
  });
  expect([refused.headers.get("retry-after"), refused.text]).toEqual(["60", expect.stringContaining("size limit")]);
});
