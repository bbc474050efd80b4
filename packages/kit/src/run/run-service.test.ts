import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { endPrograms, startProgram } from "../testing/program.ts";

const apiKey = "canary-key-1234";
const environment = { API_KEY: apiKey, LOG_LEVEL: "debug" };

afterEach(endPrograms);

async function json(response: Promise<Response>): Promise<{ status: number; type: string | null; body: unknown }> {
  const got = await response;
  return { status: got.status, type: got.headers.get("content-type"), body: await got.json() };
}

function post(url: string, body: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, { method: "POST", body, headers: { "content-type": "application/json", ...headers } });
}

describe("configuration", () => {
  test("every problem of configuration and environment is one log line, and the exit code is 78", async () => {
    const program = startProgram("echo", {
      API_KEY: "canary1",
      OTHER_URL: "ftp://user:canary2@x",
      PORT: "x",
      LOG_LEVEL: "loud",
    });
    expect(await program.exit).toEqual({ code: 78, signal: null });
    expect(program.lines).toHaveLength(1);
    expect(program.lines[0]).toMatchObject({ level: "fatal", code: "E_CONFIG", service: "echo" });
    expect(program.lines[0]?.["problems"]).toMatchObject([
      { key: "port", variable: "PORT", expected: "an integer from 0 to 65535", got: '"x", which is not JSON' },
      { key: "logLevel", variable: "LOG_LEVEL" },
      { key: "apiKey", variable: "API_KEY", expected: "a secret of at least 8 characters" },
      { key: "otherUrl", variable: "OTHER_URL", expected: "an HTTP URL (http://host:port)" },
    ]);
    expect(program.output()).not.toMatch(/canary|\n\s+at /);
  });

  test("a taken port is named, and the exit code is 1", async () => {
    const first = startProgram("echo", environment);
    const port = new URL(await first.publicUrl()).port;
    const second = startProgram("echo", { ...environment, PORT: port });
    expect(await second.exit).toMatchObject({ code: 1 });
    expect(second.lines.at(-1)).toMatchObject({
      level: "fatal",
      code: "E_LISTEN",
      msg: `cannot listen on 127.0.0.1:${port}: another program listens there`,
    });
  });

  test("two replicas share a port when they are told to", async () => {
    const first = startProgram("echo", { ...environment, REUSE_PORT: "1" });
    const url = await first.publicUrl();
    const second = startProgram("echo", {
      ...environment,
      REUSE_PORT: "1",
      PORT: new URL(url).port,
      CAISSON_REPLICA: "2",
    });
    expect(await second.publicUrl()).toBe(url);
    expect(second.lines[0]).toMatchObject({ replica: "2" });
  });
});

describe("requests", () => {
  test("texts of the path and the query become values, and the answer is what the route declares", async () => {
    const url = await startProgram("echo", environment).publicUrl();
    expect(await json(fetch(`${url}/greet/anna?times=3&tag=a&tag=b`))).toMatchObject({
      status: 200,
      body: { text: "hello anna", tags: ["a", "b"] },
    });
    expect(await json(fetch(`${url}/greet/anna?tag=a`))).toMatchObject({ body: { tags: ["a"] } });
  });

  test("every error is a problem with a code, all errors of a request at once, and never a stack", async () => {
    const program = startProgram("echo", environment);
    const url = await program.publicUrl();
    const authorized = { "x-api-key": apiKey };
    const cases: readonly [string, () => Promise<Response>, number, string, string?][] = [
      ["unknown path", () => fetch(`${url}/nowhere`), 404, "not_found"],
      ["wrong method", () => fetch(`${url}/items`), 405, "method_not_allowed"],
      ["unknown query key", () => fetch(`${url}/greet/x?tims=1`), 400, "validation_failed", "/query/tims"],
      ["query on a route without one", () => fetch(`${url}/broken?x=1`), 400, "validation_failed", "/query/x"],
      ["repeated query key", () => fetch(`${url}/greet/x?times=1&times=2`), 400, "validation_failed", "/query/times"],
      ["not a number", () => fetch(`${url}/greet/x?times=0x10`), 400, "validation_failed", "/query/times"],
      ["out of range", () => fetch(`${url}/greet/x?times=0`), 400, "validation_failed", "/query/times"],
      ["long parameter", () => fetch(`${url}/greet/${"x".repeat(21)}`), 400, "validation_failed", "/path/name"],
      ["broken escape", () => fetch(`${url}/greet/%zz`), 400, "bad_request"],
      ["no credentials", () => post(`${url}/items`, "{}"), 401, "unauthenticated"],
      [
        "no body",
        () => fetch(`${url}/items`, { method: "POST", headers: authorized }),
        400,
        "validation_failed",
        "/body",
      ],
      ["not JSON", () => post(`${url}/items`, '{"items":', authorized), 400, "invalid_json"],
      ["empty JSON", () => post(`${url}/items`, "", authorized), 400, "invalid_json"],
      ["deep JSON", () => post(`${url}/items`, "[".repeat(100_000), authorized), 400, "invalid_json"],
      [
        "prototype",
        () => post(`${url}/items`, '{"__proto__":{"admin":true},"items":[]}', authorized),
        400,
        "invalid_json",
      ],
      ["wrong type", () => post(`${url}/items`, '{"items":{}}', authorized), 400, "validation_failed", "/body/items"],
      [
        "wrong item",
        () => post(`${url}/items`, '{"items":[{"name":"a","count":1},{"name":"","count":-1,"x":1}]}', authorized),
        400,
        "validation_failed",
        "/body/items/1/name",
      ],
      [
        "media type",
        () => post(`${url}/items`, "a=b", { ...authorized, "content-type": "text/plain" }),
        415,
        "unsupported_media_type",
      ],
      ["too large", () => post(`${url}/items`, `"${"x".repeat(1_100_000)}"`, authorized), 413, "payload_too_large"],
      ["too large for the route", () => post(`${url}/small`, `{"x":"${"x".repeat(100)}"}`), 413, "payload_too_large"],
      ["error of ours", () => fetch(`${url}/broken`), 500, "internal_error"],
      ["answer of a wrong form", () => fetch(`${url}/lies`), 500, "internal_error"],
      ["too slow", () => fetch(`${url}/late`), 503, "handler_timeout"],
    ];
    for (const [name, request, status, code, path] of cases) {
      const { body, ...got } = await json(request());
      expect({ name, ...got }).toEqual({ name, status, type: "application/problem+json" });
      expect({ name, body }).toMatchObject({
        name,
        body: {
          type: "about:blank",
          status,
          code,
          title: expect.any(String),
          detail: expect.any(String),
          request_id: expect.any(String),
        },
      });
      if (path !== undefined)
        expect({ name, body }).toMatchObject({
          name,
          body: { errors: expect.arrayContaining([expect.objectContaining({ path })]) },
        });
      expect(JSON.stringify(body)).not.toMatch(/canary| at .*\.ts/);
    }
    // The log has what the callers were not told, without the key that was in the message and the stack.
    const broken = program.lines.find(({ err }) => JSON.stringify(err ?? "").includes("does not open"));
    expect(broken).toMatchObject({
      level: "error",
      err: { message: "the key [redacted] does not open it", stack: expect.stringContaining("echo.ts") },
    });
    expect(program.output()).not.toContain(apiKey);
  });

  test("all errors of a batch are told, with their places", async () => {
    const url = await startProgram("echo", environment).publicUrl();
    const items = Array.from({ length: 1000 }, (_, index) =>
      index % 10 === 0 ? { name: "", count: index } : { name: "x", count: index },
    );
    const { body } = await json(post(`${url}/items`, JSON.stringify({ items }), { "x-api-key": apiKey }));
    const { errors } = body as { errors: readonly { path: string }[] };
    expect(errors.map(({ path }) => path)).toEqual(
      Array.from({ length: 20 }, (_, index) => `/body/items/${index * 10}/name`),
    );
  });

  test("what is not HTTP and headers that are too large are answered, too", async () => {
    const { port } = new URL(await startProgram("echo", environment).publicUrl());
    const raw = async (text: string): Promise<string> => {
      const socket = connect(Number(port), "127.0.0.1");
      socket.end(text);
      const chunks: Buffer[] = [];
      socket.on("data", (chunk) => chunks.push(chunk));
      await once(socket, "close");
      return Buffer.concat(chunks).toString();
    };
    expect(await raw("hello\r\n\r\n")).toMatch(/^HTTP\/1.1 400 [^]*application\/problem\+json[^]*"code":"bad_request"/);
    expect(await raw(`GET / HTTP/1.1\r\nhost: x\r\nx: ${"y".repeat(20_000)}\r\n\r\n`)).toMatch(
      /^HTTP\/1.1 431 [^]*headers_too_large/,
    );
  });

  test("answers carry the security headers and the request's id; a sane one is taken over, another replaced", async () => {
    const url = await startProgram("echo", environment).publicUrl();
    const ask = async (id: string): Promise<Headers> =>
      (await fetch(`${url}/greet/x`, { headers: { "x-request-id": id } })).headers;
    const headers = await ask("caller-id-1");
    expect(Object.fromEntries(headers)).toMatchObject({
      "cache-control": "no-store",
      "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      "x-request-id": "caller-id-1",
    });
    expect((await ask('"><script>')).get("x-request-id")).toMatch(/^[0-9a-f]{24}$/);
  });

  test("the description lists every route with its guard as its security", async () => {
    const url = await startProgram("echo", environment).publicUrl();
    const { body } = await json(fetch(`${url}/openapi.json`));
    expect(body).toMatchObject({
      openapi: "3.1.0",
      info: { title: "echo", version: "1" },
      paths: {
        "/greet/{name}": {
          get: {
            security: [],
            parameters: [
              { name: "name", in: "path", required: true, schema: { type: "string", maxLength: 20 } },
              { name: "times", in: "query", required: false },
              { name: "tag", in: "query" },
            ],
          },
        },
        "/items": { post: { security: [{ apiKey: [] }], requestBody: { required: true } } },
      },
      components: { securitySchemes: { apiKey: { type: "apiKey", in: "header", name: "x-api-key" } } },
    });
  });
});

describe("observability", () => {
  test("metrics are those of the contract and the kit; a counter that never counted shows 0", async () => {
    const program = startProgram("echo", environment);
    const [url, management] = [await program.publicUrl(), await program.managementUrl()];
    const scrape = async (): Promise<readonly string[]> =>
      (await (await fetch(`${management}/metrics`)).text()).split("\n");
    expect(await scrape()).toContain("echo_greeted_total 0");
    await fetch(`${url}/greet/anna?times=3`);
    await fetch(`${url}/nowhere`);
    const lines = await scrape();
    expect(lines).toContain("echo_greeted_total 1");
    expect(lines).toContain('echo_greeted_by_name_total{name="anna"} 3');
    expect(lines).toContain('http_requests_total{method="GET",route="/greet/:name",status="200"} 1');
    expect(lines).toContain('http_requests_total{method="GET",route="unmatched",status="404"} 1');
    expect(lines).toContain('http_request_duration_seconds_count{method="GET",route="/greet/:name",status="200"} 1');
    expect(lines.some((line) => line.startsWith("process_cpu_seconds_total"))).toBe(true);
    expect((await fetch(`${url}/metrics`)).status).toBe(404);
  });

  test("the management listener tells live, ready, health and the contract", async () => {
    const program = startProgram("echo", environment);
    await program.publicUrl();
    const management = await program.managementUrl();
    expect(await json(fetch(`${management}/health/live`))).toMatchObject({ status: 200, body: { live: true } });
    expect(await json(fetch(`${management}/health/ready`))).toMatchObject({
      status: 200,
      body: { ready: true, reasons: [] },
    });
    expect(await json(fetch(`${management}/health`))).toMatchObject({
      status: 200,
      body: {
        status: "ok",
        program: "echo",
        version: "1",
        phase: "serving",
        checks: [],
        timestamp: expect.any(String),
      },
    });
    const contract = await json(fetch(`${management}/contract`));
    expect(contract).toMatchObject({ body: { kind: "program", name: "echo", runtime: { kind: "node" } } });
    expect(JSON.stringify(contract.body)).not.toContain("file:");
    expect((await fetch(`${management}/health/live`, { method: "POST" })).status).toBe(405);
    expect((await fetch(`${management}/nowhere`)).status).toBe(404);
  });

  test("a log line inside a request carries its trace and request; a caller's trace goes on, into the next program too", async () => {
    const next = startProgram("echo", environment);
    const first = startProgram("echo", { ...environment, OTHER_URL: await next.publicUrl() });
    const traceId = "0af7651916cd43dd8448eb211c80319c";
    const response = await fetch(`${await first.publicUrl()}/forward`, {
      headers: { traceparent: `00-${traceId}-b7ad6b7169203331-01`, "x-request-id": "request-77" },
    });
    expect(await response.json()).toMatchObject({ text: "hello forwarded" });
    expect(await next.line(({ msg }) => msg === "greeting")).toMatchObject({
      trace_id: traceId,
      span_id: expect.stringMatching(/^[0-9a-f]{16}$/),
    });
    await fetch(`${await first.publicUrl()}/greet/x`, {
      headers: { traceparent: "00-bad", "x-request-id": "request-78" },
    });
    const line = await first.line(({ msg }) => msg === "greeting");
    expect(line).toMatchObject({ request_id: "request-78", trace_id: expect.stringMatching(/^[0-9a-f]{32}$/) });
    expect(line["trace_id"]).not.toBe(traceId);
  });

  test("credential headers never reach the log, at any depth", async () => {
    const program = startProgram("echo", environment);
    const url = await program.publicUrl();
    await fetch(`${url}/headers`, {
      headers: { authorization: 'Bearer "canary-a"', cookie: "s=canary-b", "x-api-key": "canary-c" },
    });
    const line = await program.line(({ msg }) => msg === "headers");
    expect(line).toMatchObject({
      headers: {
        authorization: "[redacted]",
        cookie: "[redacted]",
        "x-api-key": "[redacted]",
        host: expect.any(String),
      },
      nested: { deep: { authorization: "[redacted]" } },
    });
    expect(program.output()).not.toContain("canary");
  });
});

describe("the end", () => {
  test("the first signal drains and exits with 0", async () => {
    const program = startProgram("echo", environment);
    const url = await program.publicUrl();
    const slow = fetch(`${url}/slow/400`);
    const management = await program.managementUrl();
    await program.line(({ msg }) => msg === "ready");
    await untilBusy(management);
    program.kill("SIGTERM");
    await program.line(({ msg }) => msg === "draining");
    expect(await json(fetch(`${management}/health/ready`))).toMatchObject({
      status: 503,
      body: { reasons: [{ name: "draining" }] },
    });
    await expect(fetch(`${url}/greet/x`)).rejects.toThrow("fetch failed");
    const answer = await slow;
    expect(answer.headers.get("connection")).toBe("close");
    expect(await answer.json()).toEqual({ slept: 400 });
    expect(await program.exit).toEqual({ code: 0, signal: null });
    expect(program.lines.map(({ msg }) => msg).slice(-3)).toEqual(["draining", "drain function ran", "drained"]);
  });

  test("the second signal ends it at once with 1", async () => {
    const program = startProgram("echo", environment);
    const slow = fetch(`${await program.publicUrl()}/slow/60000`).catch(() => "cut off");
    await untilBusy(await program.managementUrl());
    program.kill("SIGTERM");
    await program.line(({ msg }) => msg === "draining");
    program.kill("SIGTERM");
    expect(await program.exit).toEqual({ code: 1, signal: null });
    expect(await slow).toBe("cut off");
  });
});

/** A request that is in hand is not counted yet, but its handle is active. */
async function untilBusy(management: string): Promise<void> {
  for (;;) {
    const text = await (await fetch(`${management}/metrics`)).text();
    if (/nodejs_active_resources\{type="TCPSocketWrap"\} [2-9]/.test(text)) return;
  }
}
