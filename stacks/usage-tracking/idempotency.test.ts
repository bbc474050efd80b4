import { randomUUID } from "node:crypto";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { query } from "./testing/database.ts";
import { startProgram, type RunningProgram } from "./testing/programs.ts";
import { send, startStack, type Answer, type TestStack } from "./testing/stack.ts";
import { cloudEvent, llmEvent } from "./testing/usage-events.ts";

let stack: TestStack;
let second: RunningProgram;
beforeAll(async () => {
  stack = await startStack(["acme", "globex"]);
  second = await startProgram("api-gateway", stack.config);
  await second.ready();
});
afterAll(async () => {
  await second[Symbol.asyncDispose]();
  await stack[Symbol.asyncDispose]();
});

function post(
  gateway: RunningProgram,
  json: unknown,
  idempotencyKey: string,
  { tenant = "acme", path = "events/batch", headers = {} as Record<string, string> } = {},
): Promise<Answer> {
  return send("POST", `${gateway.url}/api/v1/${path}`, {
    json,
    key: stack.keys[tenant] ?? "",
    headers: { "idempotency-key": idempotencyKey, ...headers },
  });
}

test("a request sent again, to another replica too, gets the answer of the first", async () => {
  const key = randomUUID();
  const batch = [llmEvent(), llmEvent({ model: 5 }), llmEvent()];
  const first = await post(stack.gateway, batch, key);
  expect([first.status, first.headers.get("idempotency-replayed")]).toEqual([202, null]);
  expect(first.body).toMatchObject({ accepted: 2, invalid: 1 });
  for (const gateway of [stack.gateway, second]) {
    const again = await post(gateway, batch, key);
    expect([again.status, again.headers.get("idempotency-replayed")]).toEqual([202, "true"]);
    expect(again.text).toBe(first.text);
  }
  const packed = await post(second, gzipSync(JSON.stringify(batch)), key, { headers: { "content-encoding": "gzip" } });
  expect(packed.text).toBe(first.text);
});

test("another body under the same key is refused and stored nowhere; another tenant's key is another key", async () => {
  const key = randomUUID();
  expect((await post(stack.gateway, [llmEvent()], key)).status).toBe(202);
  const other = [llmEvent()];
  for (const gateway of [stack.gateway, second]) {
    const refused = await post(gateway, other, key);
    expect([refused.status, (refused.body as { code: string }).code]).toEqual([422, "idempotency_key_reused"]);
  }
  const single = await post(stack.gateway, other[0], key, { path: "events" });
  expect((single.body as { code: string }).code).toBe("idempotency_key_reused");
  expect((await post(stack.gateway, other, key, { tenant: "globex" })).body).toMatchObject({ accepted: 1 });
});

test("events without ids get theirs from the key: sent at once and again, they are counted once", async () => {
  const key = randomUUID();
  const batch = [llmEvent({ event_id: undefined }), llmEvent({ event_id: null }), llmEvent({ event_id: undefined })];
  const answers = await Promise.all([1, 2, 3, 4].map((n) => post(n % 2 === 0 ? stack.gateway : second, batch, key)));
  const texts = new Set(answers.map((answer) => answer.text));
  expect(texts.size).toBe(1);
  // Whose answer came first is not known: to a second request of the same gateway the events may be known already.
  const { accepted, duplicate } = (answers[0]?.body ?? {}) as { accepted: number; duplicate: number };
  expect(accepted + duplicate).toBe(3);
  const idsOf = (answer: Answer | undefined): string[] =>
    (answer?.body as { results: { event_id: string }[] } | undefined)?.results.map((result) => result.event_id) ?? [];
  const ids = idsOf(answers[0]);
  expect(new Set(ids).size).toBe(3);
  // As if the answer had been lost: the events are known by their ids all the same.
  await query(stack.config.databaseUrl, `update idempotency_key set status = null, answer = null where key = '${key}'`);
  const again = await post(stack.gateway, batch, key);
  expect(again.status).toBe(202);
  expect(idsOf(again)).toEqual(ids);
  expect((await post(stack.gateway, [llmEvent({ event_id: undefined })], "x".repeat(256))).status).toBe(400);
  expect(
    (
      await send("POST", `${stack.gateway.url}/api/v1/events`, {
        json: llmEvent({ event_id: undefined }),
        key: stack.keys["acme"],
      })
    ).status,
  ).toBe(422);
});

test("a refusal is no answer to keep: what is sent again is judged again", async () => {
  const key = randomUUID();
  expect((await post(stack.gateway, "no JSON", key)).status).toBe(400);
  expect((await post(stack.gateway, llmEvent(), key, { path: "events" })).body).toMatchObject({ status: "accepted" });
  const bad = randomUUID();
  for (let n = 0; n < 2; n++) expect((await post(stack.gateway, [1], bad)).status).toBe(422);
});

test("a single CloudEvent has its answer replayed too", async () => {
  const [key, event] = [randomUUID(), cloudEvent()];
  const headers = { "content-type": "application/cloudevents+json" };
  const answers = [1, 2].map(() => post(stack.gateway, event, key, { path: "events", headers }));
  for (const answer of await Promise.all(answers)) expect(answer.body).toMatchObject({ status: "accepted" });
});

test("a key is forgotten after its time, and may then name another request", async () => {
  const key = randomUUID();
  expect((await post(stack.gateway, [llmEvent()], key)).status).toBe(202);
  await query(
    stack.config.databaseUrl,
    `update idempotency_key set expires_at = now() - interval '1 s' where key = '${key}'`,
  );
  const other = await post(second, [llmEvent()], key);
  expect([other.status, other.headers.get("idempotency-replayed")]).toEqual([202, null]);
});
