import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { endPrograms, startProgram } from "../testing/program.ts";
import { until } from "../testing/until.ts";

const environment = { API_KEY: "canary-key-1234", OTEL_SERVICE_NAME: "shop-echo" };

afterEach(endPrograms);

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string; readonly intValue?: number };
}

interface Span {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly kind: number;
  readonly status: { readonly code: number; readonly message?: string };
  readonly attributes: readonly Attribute[];
}

interface Export {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly Span[] }[];
  }[];
}

/** An OTLP/HTTP receiver. */
async function startReceiver(): Promise<{
  url: string;
  exports: Export[];
  spans: () => readonly Span[];
  close: () => void;
}> {
  const exports: Export[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      if (request.url === "/v1/traces") exports.push(JSON.parse(Buffer.concat(chunks).toString()) as Export);
      response.writeHead(200, { "content-type": "application/json" }).end("{}");
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    exports,
    spans: () =>
      exports.flatMap(({ resourceSpans }) =>
        resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
      ),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

test("spans of two programs arrive as one trace, named by route, failed where the answer is 500", async () => {
  const receiver = await startReceiver();
  const traced = { ...environment, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
  const next = startProgram("echo", traced);
  const first = startProgram("echo", { ...traced, OTHER_URL: await next.publicUrl() });
  const url = await first.publicUrl();
  const traceId = "0af7651916cd43dd8448eb211c80319c";
  const headers = { traceparent: `00-${traceId}-b7ad6b7169203331-01` };
  // The SDK is loaded once the program is ready, so the first requests may go unrecorded.
  const trace = await until(
    async () => {
      await (await fetch(`${url}/forward`, { headers })).json();
      return receiver.spans().filter((span) => span.traceId === traceId);
    },
    (spans) => new Set(spans.map(({ name }) => name)).size === 3,
  );
  const server = trace.find(({ name, parentSpanId }) => name === "GET /forward" && parentSpanId === "b7ad6b7169203331");
  expect(server).toMatchObject({ kind: 2 });
  const client = trace.find(({ name, kind }) => name === "GET" && kind === 3);
  expect(trace.some(({ spanId, name }) => spanId === client?.parentSpanId && name === "GET /forward")).toBe(true);
  expect(trace.some(({ name, kind }) => name === "GET /greet/:name" && kind === 2)).toBe(true);
  const names = receiver.exports.flatMap(({ resourceSpans }) =>
    resourceSpans.flatMap(({ resource }) => resource.attributes),
  );
  for (const key of ["service.name", "caisson.resource"])
    expect(names).toContainEqual({ key, value: { stringValue: "shop-echo" } });

  await (await fetch(`${url}/broken`, { headers })).json();
  first.kill("SIGTERM");
  expect(await first.exit).toEqual({ code: 0, signal: null });
  // What was held back is sent before the end.
  const broken = receiver.spans().find(({ name }) => name === "GET /broken");
  expect(broken).toMatchObject({ status: { code: 2, message: "status 500" } });
  expect(broken?.attributes).toContainEqual({ key: "http.response.status_code", value: { intValue: 500 } });
  expect(JSON.stringify(receiver.exports)).not.toContain("canary");
  receiver.close();
});

test("a receiver that is away is told of once, and holds up nothing", async () => {
  const program = startProgram("echo", { ...environment, OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1" });
  const url = await program.publicUrl();
  const told = program.line(({ msg }) => msg === "traces are not delivered");
  let quiet = true;
  void told.then(() => (quiet = false));
  await until(
    async () => expect((await fetch(`${url}/greet/x`)).status).toBe(200),
    () => !quiet,
  );
  expect(await told).toMatchObject({ level: "warn" });
  program.kill("SIGTERM");
  expect(await program.exit).toEqual({ code: 0, signal: null });
});
