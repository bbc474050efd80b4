import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { json } from "../testing/ask.ts";
import { endPrograms, startProgram } from "../testing/program.ts";

const apiKey = "canary-key-1234";
const environment = { API_KEY: apiKey, LOG_LEVEL: "debug" };

afterEach(endPrograms);

function post(url: string, body: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, { method: "POST", body, headers: { "content-type": "application/json", ...headers } });
}

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
