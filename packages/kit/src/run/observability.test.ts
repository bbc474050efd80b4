import { afterEach, describe, expect, test } from "vitest";
import { json } from "../testing/ask.ts";
import { endPrograms, startProgram } from "../testing/program.ts";

const apiKey = "canary-key-1234";
const environment = { API_KEY: apiKey, LOG_LEVEL: "debug" };

afterEach(endPrograms);

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
