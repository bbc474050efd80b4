import { counter, defineProgram, Type } from "@caisson/core";
import { expect, expectTypeOf, test } from "vitest";
import { handlesOf } from "../metrics/handles.ts";
import { testApp } from "../testing/test-app.ts";
import type { Guard } from "./guard.ts";

const guard: Guard<{ readonly tenant: string }> = { name: "apiKey", check: () => ({ tenant: "a" }) };

test("the types of a route follow from its guard and schemas", async () => {
  const { get, post } = await testApp();
  post(
    "/items/:id",
    {
      guard,
      schema: {
        params: Type.Object({ id: Type.Integer() }),
        query: Type.Object({ dry: Type.Optional(Type.Boolean()) }),
        body: Type.Object({ name: Type.String() }),
        response: { 200: Type.Object({ ok: Type.Boolean() }) },
      },
    },
    ({ params, query, body, identity }) => {
      expectTypeOf(params.id).toEqualTypeOf<number>();
      expectTypeOf(query.dry).toEqualTypeOf<boolean | undefined>();
      expectTypeOf(body.name).toEqualTypeOf<string>();
      expectTypeOf(identity).toEqualTypeOf<{ readonly tenant: string }>();
      return { ok: true };
    },
  );
  get("/open", { guard: "public" }, ({ identity, body }) => {
    expectTypeOf(identity).toEqualTypeOf<undefined>();
    expectTypeOf(body).toEqualTypeOf<unknown>();
    return {};
  });
  const declared = { guard: "public", schema: { response: { 200: Type.Object({ ok: Type.Boolean() }) } } } as const;
  get("/declared", declared, () => ({ ok: true }));
  const wrong = (): void => {
    // @ts-expect-error a route has a guard
    get("/a", {}, () => ({}));
    // @ts-expect-error a guard is "public" or a guard
    get("/a", { guard: "apiKey" }, () => ({}));
    // @ts-expect-error the answer is what the route declares
    get("/a", declared, () => ({ ok: "yes" }));
    // @ts-expect-error what has no schema cannot be read
    get("/a", { guard: "public" }, ({ query }) => query.anything.more);
  };
  expect(wrong).toBeTypeOf("function");
});

test("the types of a metric's handle follow from its kind and labels", () => {
  const { config: _config, ...program } = defineProgram(import.meta, "t", {
    config: Type.Object({}),
    metrics: { plain: counter("plain_total"), labelled: counter("labelled_total", ["result", "kind"]) },
  });
  const emitted: unknown[] = [];
  const metrics = handlesOf(program.metrics, ({ metric, labels, value }) => emitted.push([metric.name, labels, value]));
  metrics.plain.inc();
  metrics.plain.inc(2);
  metrics.labelled.inc({ result: "ok", kind: "a" });
  metrics.labelled.inc({ result: "ok", kind: "a" }, 3);
  expect(emitted).toEqual([
    ["plain_total", {}, 1],
    ["plain_total", {}, 2],
    ["labelled_total", { result: "ok", kind: "a" }, 1],
    ["labelled_total", { result: "ok", kind: "a" }, 3],
  ]);
  const wrong = (): void => {
    // @ts-expect-error a label is missing
    metrics.labelled.inc({ result: "ok" });
    // @ts-expect-error a label is unknown
    metrics.labelled.inc({ result: "ok", kind: "a", tenant: "b" });
    // @ts-expect-error labels are missing
    metrics.labelled.inc();
    // @ts-expect-error a counter is not set
    metrics.plain.set(1);
    // @ts-expect-error the metric is not in the contract
    metrics.other.inc();
  };
  expect(wrong).toBeTypeOf("function");
});
