import { afterAll, beforeAll, expect, test } from "vitest";
import { keyTtlMs } from "./keys/key-cache.ts";
import { query, until } from "./testing/database.ts";
import { makeKey, runProgram, startProgram, type RunningProgram } from "./testing/programs.ts";
import { send, startStack, type TestStack } from "./testing/stack.ts";
import { llmEvent } from "./testing/usage-events.ts";

let stack: TestStack;
let second: RunningProgram;
beforeAll(async () => {
  stack = await startStack(["acme"]);
  second = await startProgram("api-gateway", stack.config);
  await second.ready();
});
afterAll(async () => {
  await second[Symbol.asyncDispose]();
  await stack[Symbol.asyncDispose]();
});

const idOf = (key: string): string => key.split("_")[2] ?? "";
const ingest = async (gateway: RunningProgram, key: string): Promise<number> =>
  (await send("POST", `${gateway.url}/api/v1/events`, { key, json: llmEvent() })).status;
const read = async (key: string): Promise<number> =>
  (await send("GET", `${stack.queries.url}/api/v1/usage`, { key })).status;
/** What every replica of every service says of a key. */
const everywhere = (key: string): Promise<number[]> =>
  Promise.all([ingest(stack.gateway, key), ingest(second, key), read(key)]);
const rotate = (id: string): ReturnType<typeof runProgram> => runProgram("rotate-key", stack.config, [id]);

test("a key may do what its scopes say", async () => {
  const [writer, reader] = [await makeKey(stack.config, "acme", "ingest"), await makeKey(stack.config, "acme", "read")];
  expect(await everywhere(writer)).toEqual([202, 202, 403]);
  expect(await everywhere(reader)).toEqual([403, 403, 200]);
  const answer = await send("POST", `${stack.gateway.url}/api/v1/events`, { key: reader, json: "no JSON" });
  expect(answer.body).toMatchObject({ code: "forbidden", detail: expect.stringContaining("ingest") as unknown });
});

test("two keys work while one is rotated, never three; a revoked one ends everywhere within the stated time", async () => {
  const old = await makeKey(stack.config, "acme");
  const rotated = await rotate(idOf(old));
  expect(rotated.code).toBe(0);
  const fresh = rotated.stdout.trim();
  // Every cache has seen both.
  expect([await everywhere(old), await everywhere(fresh)]).toEqual([
    [202, 202, 200],
    [202, 202, 200],
  ]);
  for (const key of [old, fresh]) {
    const third = await rotate(idOf(key));
    expect([third.code, third.stdout]).toEqual([1, expect.stringContaining("revoke the old")]);
  }
  const revoked = await runProgram("revoke-key", stack.config, [idOf(old)]);
  expect([revoked.code, revoked.stdout]).toEqual([0, expect.stringContaining(`${keyTtlMs / 1000} s`)]);
  const revokedAt = performance.now();
  // It is used all the while, so that no cache forgets it for another reason.
  await until(async () => {
    await everywhere(old);
    if (performance.now() - revokedAt < keyTtlMs) throw new Error("expected the stated time to have passed");
  });
  expect(await everywhere(old)).toEqual([401, 401, 401]);
  expect(await everywhere(fresh)).toEqual([202, 202, 200]);
  expect((await rotate(idOf(old))).stdout).toContain("is revoked");
  expect((await rotate(idOf(fresh))).code).toBe(0);
});

test("of rotations at the same moment one wins: the places of a family are the database's own rule", async () => {
  const key = await makeKey(stack.config, "acme");
  const codes = await Promise.all([1, 2, 3].map(async () => (await rotate(idOf(key))).code));
  expect(codes.toSorted()).toEqual([0, 1, 1]);
});

test("keys are listed by tenant with their state, and nothing secret", async () => {
  const key = await makeKey(stack.config, "listed", "read");
  const other = (await rotate(idOf(key))).stdout.trim();
  await runProgram("revoke-key", stack.config, [idOf(key)]);
  const { stdout, code } = await runProgram("list-keys", stack.config, ["--tenant", "listed"]);
  expect(code).toBe(0);
  const rows = stdout
    .trim()
    .split("\n")
    .map((line) => line.split(/ {2,}/));
  expect(rows).toEqual([
    ["id", "tenant", "scopes", "state", "created", "family"],
    [idOf(key), "listed", "read", expect.stringMatching(/^revoked \d{4}-/), expect.any(String), idOf(key)],
    [idOf(other), "listed", "read", "active", expect.any(String), idOf(key)],
  ]);
  for (const text of [key, other]) expect(stdout).not.toContain(text.split("_")[3]);
  const [row] = await query(stack.config.databaseUrl, `select count(*)::int as n from api_key`);
  const all = await runProgram("list-keys", stack.config);
  expect(all.stdout.trim().split("\n")).toHaveLength(Number(row?.["n"]) + 1);
});

test.each<[string, Parameters<typeof runProgram>[0], string[]]>([
  ["no tenant", "create-key", []],
  ["a scope that there is not", "create-key", ["--tenant", "acme", "--scopes", "ingest,admin"]],
  ["no scope", "create-key", ["--tenant", "acme", "--scopes", ""]],
  ["an option that there is not", "list-keys", ["--all", "x"]],
  ["no id", "revoke-key", []],
  ["an id of nobody", "revoke-key", ["000000000000"]],
  ["an id of nobody", "rotate-key", ["000000000000"]],
])("refused: %s of %s", async (_name, command, args) => {
  const { code, stdout } = await runProgram(command, stack.config, args);
  expect(code).toBe(1);
  expect(stdout).toContain("E_VALUE");
});

test("a whole key given for its id is refused without being repeated", async () => {
  const key = stack.keys["acme"] ?? "";
  for (const command of ["revoke-key", "rotate-key"] as const) {
    const { code, stdout, stderr } = await runProgram(command, stack.config, [key]);
    expect(code).toBe(1);
    expect(stdout + stderr).not.toContain(key.split("_")[3]);
  }
});
