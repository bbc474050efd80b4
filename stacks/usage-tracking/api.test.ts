import { randomUUID } from "node:crypto";
import { request as httpRequest, type ClientRequest } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { query, until } from "./testing/database.ts";
import { makeKey } from "./testing/programs.ts";
import { hasRedis, startRedis, type TestRedis } from "./testing/redis.ts";
import { send, startStack, type Answer, type TestStack } from "./testing/stack.ts";

const tenants = ["acme", "globex"] as const;
let stack: TestStack;
let redis: TestRedis | undefined;
let scoped: Readonly<Record<"ingest" | "read", string>>;
beforeAll(async () => {
  // With a cache where there is one: what it keeps of a tenant is shown to no other either.
  redis = hasRedis ? await startRedis() : undefined;
  stack = await startStack(tenants, redis?.url);
  const [ingest, read] = [await makeKey(stack.config, "acme", "ingest"), await makeKey(stack.config, "acme", "read")];
  scoped = { ingest, read };
});
afterAll(async () => {
  await stack[Symbol.asyncDispose]();
  await redis?.[Symbol.asyncDispose]();
});

const llm = (overrides: Record<string, unknown> = {}): Record<string, unknown> => ({
  event_id: randomUUID(),
  timestamp: new Date().toISOString(),
  service_type: "llm_service",
  service_provider: "openai",
  model: "m",
  input_tokens: 10,
  output_tokens: 5,
  ...overrides,
});

// Repeated until there is an answer: one that comes before a large body is read may be lost with its connection.
const post = (json: unknown, key = stack.keys["acme"], headers: Record<string, string> = {}): Promise<Answer> =>
  until(() => send("POST", `${stack.gateway.url}/api/v1/events`, { json, key, headers }));
const postBatch = (json: unknown, key = stack.keys["acme"]): Promise<Answer> =>
  until(() => send("POST", `${stack.gateway.url}/api/v1/events/batch`, { json, key }));
const get = (path: string, key = stack.keys["acme"]): Promise<Answer> =>
  send("GET", `${stack.queries.url}/api/v1${path}`, { key });

/** Waits until everything acknowledged so far is in the answers. */
async function settled(): Promise<void> {
  await until(async () => {
    const [row] = await query(
      stack.config.databaseUrl,
      "select count(*)::int as left from inbox left join shard_cursor using (shard, writer) where seq > coalesce(pos, 0)",
    );
    if (row?.["left"] !== 0) throw new Error(`expected an empty inbox, got ${JSON.stringify(row)}`);
  });
}

async function counts(): Promise<unknown> {
  await settled();
  return query(
    stack.config.databaseUrl,
    "select (select count(*) from events) as e, (select sum(events) from rollup) as r",
  );
}

const text = (body: string): string => body;
const one = (json: string): string => JSON.stringify(llm()).replace(/}$/, `,${json}}`);

// What is sent to the single route, the status, and the code of the problem or of its first error.
const badSingles: [string, () => unknown, number, string][] = [
  ["nothing", () => text(""), 400, "invalid_json"],
  ["spaces", () => text("  \n"), 400, "invalid_json"],
  ["no JSON", () => text("hello"), 400, "invalid_json"],
  ["JSON cut off", () => JSON.stringify(llm()).slice(0, -1), 400, "invalid_json"],
  ["two values", () => `${JSON.stringify(llm())} {}`, 400, "invalid_json"],
  ["a trailing comma", () => text('{"event_id":"x",}'), 400, "invalid_json"],
  ["NaN", () => one('"latency_ms":NaN'), 400, "invalid_json"],
  ["Infinity", () => one('"latency_ms":-Infinity'), 400, "invalid_json"],
  ["a hexadecimal number", () => one('"latency_ms":0x10'), 400, "invalid_json"],
  ["a comment", () => text("/* */ {}"), 400, "invalid_json"],
  ["single quotes", () => text("{'event_id':'x'}"), 400, "invalid_json"],
  ["a control character in a text", () => one('"user_id":"a\u0001"'), 400, "invalid_json"],
  [
    "bad UTF-8",
    () => Buffer.concat([Buffer.from('{"user_id":"'), Buffer.from([0xff]), Buffer.from('"}')]),
    400,
    "invalid_utf8",
  ],
  [
    "overlong UTF-8",
    () => Buffer.concat([Buffer.from('{"user_id":"'), Buffer.from([0xc0, 0xaf]), Buffer.from('"}')]),
    400,
    "invalid_utf8",
  ],
  ["UTF-16", () => Buffer.from(JSON.stringify(llm()), "utf16le"), 400, "invalid_json"],
  ["50,000 arrays in each other", () => text("[".repeat(50_000)), 400, "too_deep"],
  ["20,000 objects in each other", () => text('{"a":'.repeat(20_000)), 400, "too_deep"],
  ["an array", () => [llm()], 422, "type"],
  ["a text", () => text('"event"'), 422, "type"],
  ["null", () => text("null"), 422, "type"],
  ["an empty object", () => ({}), 422, "required"],
  ["no id", () => llm({ event_id: undefined }), 422, "required"],
  ["an id that is no UUID", () => llm({ event_id: "e1" }), 422, "format"],
  ["a number as id", () => llm({ event_id: 7 }), 422, "type"],
  ["an unknown service", () => llm({ service_type: "fax" }), 422, "choice"],
  ["an unknown field", () => llm({ input_token: 1 }), 422, "unknown_field"],
  ["nested metrics", () => llm({ metrics: { input_tokens: 1 } }), 422, "unknown_field"],
  ["another tenant", () => llm({ tenant_id: "globex" }), 422, "tenant_mismatch"],
  ["negative tokens", () => llm({ input_tokens: -1 }), 422, "range"],
  ["half a token", () => llm({ input_tokens: 0.5 }), 422, "type"],
  ["tokens as text", () => llm({ input_tokens: "10" }), 422, "type"],
  ["tokens as true", () => llm({ input_tokens: true }), 422, "type"],
  ["2^53 tokens", () => one('"max_tokens":9007199254740992'), 422, "range"],
  ["a number of 400 digits", () => one(`"latency_ms":${"9".repeat(400)}`), 422, "number_inexact"],
  ["1e400", () => one('"latency_ms":1e400'), 422, "number_inexact"],
  ["a number of 30 decimals", () => one(`"latency_ms":0.${"123456789".repeat(4)}`), 422, "number_inexact"],
  ["a wrong total", () => llm({ total_tokens: 14 }), 422, "mismatch"],
  ["a time without an offset", () => llm({ timestamp: "2026-01-01T00:00:00" }), 422, "format"],
  ["30 February", () => llm({ timestamp: "2026-02-30T00:00:00Z" }), 422, "format"],
  ["a time as a number", () => llm({ timestamp: 1_700_000_000 }), 422, "type"],
  ["the year 1999", () => llm({ timestamp: "1999-01-01T00:00:00Z" }), 422, "timestamp_range"],
  ["next year", () => llm({ timestamp: new Date(Date.now() + 400 * 86_400e3).toISOString() }), 422, "timestamp_range"],
  ["a user of 256 characters", () => llm({ user_id: "u".repeat(256) }), 422, "length"],
  ["an empty user", () => llm({ user_id: "" }), 422, "length"],
  ["NUL", () => one('"user_id":"a\\u0000b"'), 422, "text_invalid"],
  ["half a surrogate pair", () => one('"user_id":"\\ud800"'), 422, "text_invalid"],
  ["metadata five deep", () => llm({ metadata: { a: { b: { c: { d: {} } } } } }), 422, "too_deep"],
  ["metadata with a field of its own", () => llm({ metadata: { model: "x" } }), 422, "reserved_field"],
  ["an event of 70 KB", () => llm({ metadata: { a: "x".repeat(70_000) } }), 422, "too_large"],
  ["a body of 200 KB", () => llm({ metadata: { a: "x".repeat(200_000) } }), 413, "payload_too_large"],
];

test("bad events are refused with a code and a place; nothing is stored, nothing breaks", async () => {
  const before = await counts();
  for (const [name, body, status, code] of badSingles) {
    const answer = await post(body());
    const problem = answer.body as { status?: number; code?: string; detail?: string; errors?: { code: string }[] };
    expect([answer.status, problem.status], name).toEqual([status, status]);
    expect([problem.errors?.[0]?.code ?? problem.code, problem.code], name).toContain(code);
    expect(problem.detail, name).not.toBe("");
    expect(answer.text, name).not.toMatch(/node_modules|\.ts:|at Object|stack/);
  }
  expect(await counts()).toEqual(before);
  expect((await post(llm())).status).toBe(202);
});

test.each<[string, () => Promise<Answer>, number, string]>([
  ["no content type", () => post(Buffer.from("{}"), undefined, { "content-type": "" }), 415, "unsupported_media_type"],
  ["text", () => post("hi", undefined, { "content-type": "text/plain" }), 415, "unsupported_media_type"],
  [
    "a form",
    () => post("a=1", undefined, { "content-type": "application/x-www-form-urlencoded" }),
    415,
    "unsupported_media_type",
  ],
  [
    "another method",
    () => send("PUT", `${stack.gateway.url}/api/v1/events`, { key: stack.keys["acme"] }),
    405,
    "method_not_allowed",
  ],
  ["another path", () => send("GET", `${stack.gateway.url}/api/v2/events`), 404, "not_found"],
  ["a batch that is none", () => postBatch(llm()), 400, "validation_failed"],
  ["an empty batch", () => postBatch([]), 400, "validation_failed"],
  ["1,001 events", () => postBatch(Array.from({ length: 1001 }, () => 1)), 400, "validation_failed"],
  ["a batch of 5 MB", () => postBatch(`["${"x".repeat(5e6)}"]`), 413, "payload_too_large"],
  ["a period that there is not", () => get("/usage/aggregate?period=fortnight"), 400, "validation_failed"],
  ["no period", () => get("/usage/aggregate"), 400, "validation_failed"],
  ["a time that is none", () => get("/usage?from=yesterday"), 400, "validation_failed"],
  ["a range backwards", () => get("/usage?from=2026-01-02&to=2026-01-01"), 400, "validation_failed"],
  ["a limit that is a word", () => get("/usage?limit=ten"), 400, "validation_failed"],
  ["a limit of 10,001", () => get("/usage?limit=10001"), 400, "validation_failed"],
  ["a limit twice", () => get("/usage?limit=1&limit=2"), 400, "validation_failed"],
  ["a misspelt parameter", () => get("/usage?user=x"), 400, "validation_failed"],
  ["somebody's cursor", () => get("/usage?cursor=AAAA"), 400, "validation_failed"],
  ["a tenant in the query", () => get("/usage?tenant_id=globex"), 400, "validation_failed"],
  ["ten years of hours", () => get("/usage/aggregate?period=hour&from=2016-01-01"), 400, "validation_failed"],
  [
    "a time zone that there is not",
    () => get("/usage/aggregate?period=day&time_zone=Mars/Base"),
    400,
    "validation_failed",
  ],
  ["a zone in a query for days in UTC", () => get("/usage/costs?time_zone=Europe/Berlin"), 400, "validation_failed"],
  [
    "costs in another zone",
    () => get("/analytics/trends?metric=total_cost&time_zone=Europe/Berlin"),
    400,
    "validation_failed",
  ],
  ["no metric", () => get("/analytics/trends"), 400, "validation_failed"],
  [
    "a bucket that is none",
    () => get("/usage/explain?period=hour&start=2026-01-01T00:30:00Z"),
    400,
    "validation_failed",
  ],
  ["two filters", () => get("/usage/aggregate?period=day&user_id=a&service_provider=b"), 400, "validation_failed"],
  ["a filter and groups", () => get("/usage/aggregate?period=day&user_id=a&group_by=user"), 400, "validation_failed"],
  ["too many entries", () => get("/usage/aggregate?period=hour&group_by=user&limit=100"), 400, "validation_failed"],
  ["an id that is none", () => get("/events/1"), 400, "validation_failed"],
  ["SQL as an id", () => get("/events/'%20or%201=1"), 400, "validation_failed"],
  ["an event that was never sent", () => get(`/events/${randomUUID()}`), 404, "not_found"],
])("refused: %s", async (_name, request, status, code) => {
  const answer = await request();
  expect([answer.status, (answer.body as { code?: string }).code]).toEqual([status, code]);
  expect(answer.headers.get("content-type")).toContain("application/problem+json");
});

test("a batch answers each event, takes the good ones, and a retry of it is a success that adds nothing", async () => {
  const events = [llm(), llm({ model: 5 }), llm(), "x"];
  const first = await postBatch([...events, events[0]]);
  expect(first.status).toBe(202);
  expect(first.body).toMatchObject({
    accepted: 2,
    duplicate: 1,
    invalid: 2,
    results: [
      { index: 0, event_id: (events[0] as { event_id: string }).event_id, status: "accepted" },
      { index: 1, status: "invalid", errors: [{ path: "/model", code: "type" }] },
      { index: 2, status: "accepted" },
      { index: 3, event_id: null, status: "invalid", errors: [{ path: "", code: "type" }] },
      { index: 4, status: "duplicate" },
    ],
  });
  const before = await counts();
  const again = await postBatch(events);
  expect(again.status).toBe(202);
  expect(again.body).toMatchObject({ accepted: 0, duplicate: 2, invalid: 2 });
  expect((await postBatch(["x", 1])).status).toBe(422);
  expect(await counts()).toEqual(before);
});

test("every route of every service refuses who has no key, and shows a tenant nothing of another", async () => {
  const canary = Object.fromEntries(tenants.map((tenant) => [tenant, `only-${tenant}-${randomUUID()}`]));
  const ids: Record<string, string> = {};
  for (const tenant of tenants) {
    const event = llm({ user_id: canary[tenant], metadata: { note: canary[tenant] }, tags: [canary[tenant]] });
    ids[tenant] = String(event["event_id"]);
    expect((await post(event, stack.keys[tenant])).status).toBe(202);
  }
  await settled();
  const routes: string[] = [];
  for (const program of [stack.gateway, stack.queries]) {
    const description = (await send("GET", `${program.url}/openapi.json`)).body as { paths: Record<string, object> };
    for (const [path, methods] of Object.entries(description.paths)) {
      for (const method of Object.keys(methods).map((each) => each.toUpperCase())) {
        routes.push(`${method} ${path}`);
        const urls = tenants.flatMap((owner) => variants(program.url, path, ids[owner] ?? "", canary[owner] ?? ""));
        for (const url of urls) await checkAccess(method, url, path, canary, ids);
      }
    }
  }
  expect(routes.toSorted()).toEqual([
    "GET /api/v1/analytics/comparison",
    "GET /api/v1/analytics/top-users",
    "GET /api/v1/analytics/trends",
    "GET /api/v1/billing/summaries",
    "GET /api/v1/events/{id}",
    "GET /api/v1/usage",
    "GET /api/v1/usage/aggregate",
    "GET /api/v1/usage/by-service",
    "GET /api/v1/usage/costs",
    "GET /api/v1/usage/explain",
    "GET /openapi.json",
    "GET /openapi.json",
    "POST /api/v1/events",
    "POST /api/v1/events/batch",
  ]);
});

function variants(base: string, path: string, id: string, user: string): string[] {
  const url = base + path.replace("{id}", id);
  if (path === "/api/v1/usage") return [url, `${url}?user_id=${user}`];
  if (path === "/api/v1/analytics/trends") return [`${url}?metric=unique_users`];
  if (path === "/api/v1/usage/explain") {
    const start = new Date(Math.floor(Date.now() / 86_400e3) * 86_400e3).toISOString();
    return [`${url}?period=day&start=${start}`, `${url}?period=day&start=${start}&user_id=${user}`];
  }
  if (path !== "/api/v1/usage/aggregate") return [url];
  return [`${url}?period=hour`, `${url}?period=day&user_id=${user}`, `${url}?period=day&group_by=user&limit=100`];
}

async function checkAccess(
  method: string,
  url: string,
  path: string,
  canary: Readonly<Record<string, string>>,
  ids: Readonly<Record<string, string>>,
): Promise<void> {
  const json = method === "POST" ? [llm()] : undefined;
  const good = stack.keys["acme"] ?? "";
  const flipped = good.replace(/.$/, (last) => (last === "0" ? "1" : "0"));
  const otherSecret = `${good.slice(0, 20)}${stack.keys["globex"]?.slice(20)}`;
  for (const key of [undefined, "", "x", flipped, otherSecret, `${good} `.repeat(2)]) {
    const answer = await send(method, url, { key, json });
    expect(answer.status, `${method} ${url} with ${key}`).toBe(path === "/openapi.json" ? 200 : 401);
  }
  if (path !== "/openapi.json") {
    const wrong = method === "POST" ? "read" : "ingest";
    expect((await send(method, url, { key: scoped[wrong], json })).status, `${method} ${url} with ${wrong}`).toBe(403);
  }
  for (const tenant of tenants) {
    const other = tenant === "acme" ? "globex" : "acme";
    const answer = await send(method, url, { key: stack.keys[tenant], json });
    expect(answer.status, `${method} ${url} as ${tenant}`).not.toBe(500);
    if (url.includes(canary[other] ?? "") || url.includes(ids[other] ?? "")) {
      expect(answer.text.replaceAll(canary[other] ?? "", "ASKED")).not.toContain('"event_count":1');
      if (path.includes("{id}")) expect(answer.status).toBe(404);
      else expect(answer.text).not.toContain(ids[other]);
    } else expect(answer.text).not.toContain(canary[other]);
  }
}

test("bodies that are announced and never come are bounded, and who has no key takes no room", async () => {
  const url = `${stack.gateway.url}/api/v1/events/batch`;
  const stall = (key: string): ClientRequest => {
    const request = httpRequest(url, {
      method: "POST",
      agent: false, // a connection of its own: one that is half answered must not be used again
      headers: { "content-type": "application/json", "content-length": 4 * 1024 * 1024, "x-api-key": key },
    });
    request.on("error", () => undefined); // it is cut off below
    request.write("[");
    return request;
  };
  const strangers = Array.from({ length: 40 }, () => stall("x"));
  expect((await post(llm())).status).toBe(202);
  const stalled: ClientRequest[] = [];
  const hold = (): void => {
    const request = stall(stack.keys["globex"] ?? "");
    request.once("response", hold); // refused, as a small one was being read at that moment
    stalled.push(request);
  };
  for (let n = 0; n < 16; n++) hold();
  await until(async () => {
    const answer = await post(llm());
    if (answer.status !== 503) throw new Error(`expected 503, got ${answer.status}`);
    expect(answer.headers.get("retry-after")).toBe("1");
  });
  for (const request of [...strangers, ...stalled]) request.destroy();
  await until(async () => {
    const answer = await post(llm());
    if (answer.status !== 202) throw new Error(`expected 202, got ${answer.status}`);
  });
});

test("an event may say its own tenant, and no other", async () => {
  const results = await postBatch([llm({ tenant_id: "acme" }), llm({ tenant_id: "globex" }), llm({ tenant_id: "" })]);
  expect((results.body as { results: { status: string }[] }).results.map((each) => each.status)).toEqual([
    "accepted",
    "invalid",
    "invalid",
  ]);
});

test("a key whose id is known and whose secret is not is refused", async () => {
  const key = await makeKey(stack.config, "acme");
  const id = key.split("_")[2];
  await query(stack.config.databaseUrl, `update api_key set hash = sha256('another') where id = '${id}'`);
  expect((await get("/usage", key)).status).toBe(401);
});

test("keys are stored as hashes: the database has no part of a key's secret", async () => {
  const secretPart = stack.keys["acme"]?.split("_")[3]?.slice(0, 20) ?? "";
  const rows = await query(
    stack.config.databaseUrl,
    "select k::text as row, encode(hash, 'escape') as hash from api_key k",
  );
  expect(rows.length).toBeGreaterThan(0);
  expect(JSON.stringify(rows)).not.toContain(secretPart);
});

test("one event is followed from pending to stored", async () => {
  await query(stack.config.databaseUrl, "update shard set epoch = epoch + 1"); // the processor has to claim it again
  const event = llm({ event_id: randomUUID().toUpperCase() });
  expect((await post(event)).status).toBe(202);
  const id = String(event["event_id"]);
  const seen: string[] = [];
  await until(async () => {
    const answer = await get(`/events/${id}`);
    expect(answer.status).toBe(200);
    expect(Number(answer.headers.get("x-usage-lag-seconds"))).toBeGreaterThanOrEqual(0);
    seen.push((answer.body as { status: string }).status);
    if (seen.at(-1) !== "stored") throw new Error("not yet");
  });
  expect((await get(`/events/${id}`)).body).toMatchObject({ event_id: id.toLowerCase(), status: "stored" });
});
