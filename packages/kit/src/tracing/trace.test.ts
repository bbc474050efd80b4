import { expect, test } from "vitest";
import { createTracing, scopeFields } from "./trace.ts";

test("a context goes into a queue row and comes out in another program as the same trace", async () => {
  const producer = createTracing();
  const carrier = await producer.span("enqueue", async () => producer.inject());
  const row = JSON.stringify(carrier);

  const consumer = createTracing();
  const fields = await consumer.extract(JSON.parse(row) as typeof carrier, "work", async () =>
    scopeFields(consumer.current()),
  );
  const [, traceId, spanId] = carrier.traceparent?.split("-") ?? [];
  expect(fields).toEqual({ trace_id: traceId, span_id: expect.stringMatching(/^[0-9a-f]{16}$/) });
  expect(fields).not.toMatchObject({ span_id: spanId });
});

test("outside a span there is nothing to carry; a row without a context starts a trace of its own", async () => {
  const tracing = createTracing();
  expect(tracing.inject()).toEqual({});
  expect(scopeFields(tracing.current())).toEqual({});
  const fields = await tracing.extract({}, "work", async () => scopeFields(tracing.current()));
  expect(fields).toMatchObject({ trace_id: expect.stringMatching(/^[0-9a-f]{32}$/) });
});

test("spans nest, side by side do not mix, and a failure passes through", async () => {
  const tracing = createTracing();
  const ids = async (): Promise<unknown> => {
    await new Promise((resolve) => setImmediate(resolve));
    return tracing.current()?.span.ids.traceId;
  };
  const [a, b] = await Promise.all([
    tracing.span("a", async () => [await ids(), await tracing.span("inner", ids)]),
    tracing.span("b", async () => [await ids()]),
  ]);
  expect(a[0]).toBe(a[1]);
  expect(a[0]).not.toBe(b[0]);
  await expect(tracing.span("fails", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
});
