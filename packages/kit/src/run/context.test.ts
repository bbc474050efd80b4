import { counter, defineProgram, kitMetrics, Type } from "@caisson/core";
import { expect, test } from "vitest";
import { createHealth } from "../health/health.ts";
import { createMeter } from "../metrics/meter.ts";
import { requireSchemaCheck } from "./context.ts";

test("a schema version in the contract wants a pool in the program", () => {
  const stop = new AbortController();
  const health = createHealth(stop.signal, String);
  const options = { config: Type.Object({}) };
  requireSchemaCheck(defineProgram(import.meta, "without", options), health);
  const program = defineProgram(import.meta, "with", { ...options, schemaVersion: 3 });
  expect(() => requireSchemaCheck(program, health)).toThrow(
    /with declares schemaVersion 3: expected a postgres\(\.\.\.\) pool/,
  );
  stop.abort();
});

test("a metric cannot be declared twice, nor hide one of the kit's", () => {
  const { httpRequests } = kitMetrics();
  const twice = { a: counter("x_total"), b: counter("x_total") };
  expect(() => createMeter("shop", twice)).toThrow("program shop declares the metric x_total twice");
  expect(() => createMeter("shop", { mine: counter("http_requests_total"), httpRequests })).toThrow(
    /or it is one of the kit's/,
  );
});

test("what is emitted before the registry is loaded is not lost", async () => {
  const seen = counter("seen_total", ["who"]);
  const meter = createMeter("shop", { seen, never: counter("never_total") });
  const handle = meter.handle(seen);
  handle.inc({ who: "a" });
  handle.inc({ who: "a" }, 2);
  const { text, type } = await meter.text();
  handle.inc({ who: "a" });
  expect(type).toContain("text/plain");
  expect(text).toContain('seen_total{who="a"} 3');
  expect(text).toContain("never_total 0");
  expect((await meter.text()).text).toContain('seen_total{who="a"} 4');
});
