import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { once } from "node:events";
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { query, until } from "../../testing/database.ts";
import { startStack, type TestStack } from "../../testing/stack.ts";
import { describeApi } from "../scripts/describe-api.ts";
import { createUsageClient, type UsageClient } from "./usage-client.ts";
import type { UsageError } from "./usage-error.ts";

let stack: TestStack;
beforeAll(async () => {
  stack = await startStack(["acme"]);
});
afterAll(() => stack[Symbol.asyncDispose]());

const lost: { readonly id: string; readonly error: UsageError }[] = [];
const open = (url = stack.gateway.url, apiKey = stack.keys["acme"] ?? ""): UsageClient =>
  createUsageClient({
    url,
    queryUrl: stack.queries.url,
    apiKey,
    onLost: ({ id }, error) => lost.push({ id, error }),
    retry: { minMs: 1, maxMs: 20 },
  });

async function stored(user: string): Promise<string[]> {
  const rows = await query(stack.config.databaseUrl, `select id from events where user_id = '${user}' order by at, id`);
  return rows.map((row) => String(row["id"]));
}

test("the generated types are those of the services as they are", async () => {
  const kept = readFileSync(new URL("api-types.ts", import.meta.url), "utf8");
  expect(kept, "run `npm run sdk:types`").toBe(await describeApi(stack));
});

test("events of every service arrive and are found again", async () => {
  await using client = open();
  const user = randomUUID();
  const common = { service_provider: "p", user_id: user, tags: ["é"] };
  const ids = [
    client.trackLlm({ ...common, model: "m", input_tokens: 2 ** 53 - 2, output_tokens: 1, latency_ms: 0.125 }),
    client.trackDocument({ ...common, document_type: "invoice", pages_processed: 2 }),
    client.trackApi({ ...common, endpoint: "/x", method: "GET", status_code: 200 }),
    client.trackCustom({ ...common, metrics: { jobs: 3 } }),
  ];
  await client.flush();
  expect(lost).toEqual([]);
  await until(async () => expect(await stored(user)).toHaveLength(4));
  const found = [];
  for await (const event of client.events({ user_id: user, limit: 3 })) found.push(event);
  expect(found.map((event) => event.event_id).toSorted()).toEqual(ids.toSorted());
  for (const { tags } of found) expect(tags).toEqual(["é"]);
  const outcome = await client.get("/api/v1/events/{id}", { path: { id: ids[0] ?? "" } });
  expect(outcome.data).toMatchObject({ status: "stored", event: { metrics: { total_tokens: 2 ** 53 - 1 } } });
  expect(outcome.lagSeconds).toBeGreaterThanOrEqual(0);
});

test("an answer that is lost on its way costs a retry, and nothing is counted twice", async () => {
  // In front of the gateway: what it answers to the first three requests never arrives.
  let passed = 0;
  const proxy = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const answer = await fetch(`${stack.gateway.url}${request.url}`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-api-key": String(request.headers["x-api-key"]) },
      body: Buffer.concat(chunks),
    });
    const text = await answer.text();
    if (++passed <= 3) request.socket.destroy();
    else response.writeHead(answer.status, { "content-type": "application/json" }).end(text);
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  const address = proxy.address();
  if (address === null || typeof address === "string") throw new Error("expected a port");
  {
    await using client = open(`http://127.0.0.1:${address.port}/`);
    const user = randomUUID();
    const ids = Array.from({ length: 150 }, () =>
      client.trackLlm({ service_provider: "p", model: "m", user_id: user, input_tokens: 1, output_tokens: 1 }),
    );
    await client.close();
    await until(async () => expect((await stored(user)).toSorted()).toEqual(ids.toSorted()));
    expect(passed).toBeGreaterThanOrEqual(5);
    expect(lost).toEqual([]);
  }
  proxy.closeAllConnections();
  proxy.close();
});

test("what the gateway refuses comes back with its faults, who has no key learns it, an outage is waited for", async () => {
  const client = open();
  const bad = client.trackLlm({ service_provider: "p", model: "m", input_tokens: -1, output_tokens: 1 });
  await client.close();
  expect(lost.splice(0)).toMatchObject([
    { id: bad, error: { kind: "validation", errors: [{ path: "/input_tokens", code: "range" }] } },
  ]);
  const stranger = open(undefined, "utk_dev_nobody");
  stranger.trackCustom({ service_provider: "p", metrics: {} });
  await stranger.close();
  expect(lost.splice(0)).toMatchObject([{ error: { kind: "auth", status: 401, code: "unauthenticated" } }]);
  await expect(open(undefined, "x").get("/api/v1/usage", { query: {} })).rejects.toMatchObject({ kind: "auth" });

  await using patient = open();
  const user = randomUUID();
  await stack.database.crash();
  const id = patient.trackCustom({ service_provider: "p", user_id: user, metrics: {} });
  const flushed = patient.flush();
  await stack.database.start();
  await flushed;
  expect(lost).toEqual([]);
  await until(async () => expect(await stored(user)).toEqual([id]));
});
