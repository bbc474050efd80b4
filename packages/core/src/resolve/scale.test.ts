import { describe, expect, it } from "vitest";
import { reconcile } from "../plan/reconcile.ts";
import { growth, linear } from "../plan/testing/growth.ts";
import type { DesiredResource } from "../plan/plan-types.ts";
import { HttpUrl, PostgresUrl } from "../model/contract.ts";
import { defineProgram } from "../model/define-program.ts";
import { service, type Service } from "../model/service.ts";
import { defineStack, type StackDefinition } from "../model/stack.ts";
import { postgres } from "../components/postgres.ts";
import { Type } from "typebox";
import type { ResolvedStack } from "../model/resolved.ts";
import { resolveStack } from "./resolve-stack.ts";

const program = defineProgram({ url: "file:///stack/contract.ts" }, "program", {
  config: Type.Object({ databaseUrl: PostgresUrl, next: Type.Optional(HttpUrl), size: Type.Number() }),
});

describe("a stack of many services", () => {
  it("is resolved and planned in time in proportion to them", () => {
    const cases = new Map([500, 8000].map((count) => [count, large(count)]));
    expect(growth((size) => planOf(cases.get(size) ?? large(size)), 500)).toBeLessThan(linear);
  });

  it("finds as many problems as there are, in time in proportion to them", () => {
    const cases = new Map([250, 4000].map((count) => [count, faulty(count)]));
    const work = (size: number): void =>
      expect(() => resolveStack(cases.get(size) ?? faulty(size))).toThrow(`${size} problems`);
    expect(growth(work, 250)).toBeLessThan(linear);
  });
});

function planOf(definition: StackDefinition): unknown {
  const stack = resolveStack(definition);
  return reconcile(desiredOf(stack), { instance: "i1", resources: [], volumes: [] });
}

function desiredOf({ resources, edges }: ResolvedStack): DesiredResource[] {
  const needs = Map.groupBy(
    edges.filter((edge) => edge.strength === "needs"),
    (edge) => edge.from,
  );
  return resources.map(({ name, kind, replicas, volumes, component }) => ({
    name,
    kind,
    replicas,
    volumes,
    component,
    start: true,
    identity: { config: "", program: "", catalogue: 1 },
    needs: (needs.get(name) ?? []).map(({ to, condition }) => ({ resource: to, condition })),
  }));
}

/** A chain: each service waits for the one before it, and for the store. */
function large(count: number): StackDefinition {
  const db = postgres("db", { maxConnections: 100 });
  const services: Service[] = [];
  for (let index = 0; index < count; index++) {
    const before = services.at(-1);
    services.push(
      service(program, {
        name: `s${index}`,
        config: { databaseUrl: db.url, size: index },
        after: before ? [before] : [],
      }),
    );
  }
  return defineStack("large", [db, ...services]);
}

/** As many services, each of which waits for one that is not there. */
function faulty(count: number): StackDefinition {
  const db = postgres("db");
  const services = Array.from({ length: count }, (_, index) =>
    service(program, {
      name: `s${index}`,
      config: { databaseUrl: db.url, size: index },
      after: [{ resource: `s${index}-misspelt`, strength: "needs", condition: "healthy" }],
    }),
  );
  return defineStack("faulty", [db, ...services]);
}
