import { describe, expect, it } from "vitest";
import { reconcile } from "../plan/reconcile.ts";
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

describe("a stack of 10,000 services", () => {
  it("is resolved and planned in about ten times the time of 1,000", () => {
    planOf(large(1000));
    const small = fastest(() => planOf(large(1000)));
    const big = fastest(() => planOf(large(10_000)));
    expect(big / small).toBeLessThan(30);
  });

  it("finds as many problems as there are, in about ten times the time", () => {
    const wrong = (count: number) => () => expect(() => resolveStack(faulty(count))).toThrow(`${count} problems`);
    wrong(100)();
    expect(fastest(wrong(5000)) / fastest(wrong(500))).toBeLessThan(30);
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

function fastest(work: () => unknown): number {
  let best = Infinity;
  for (let run = 0; run < 3; run++) {
    const start = performance.now();
    work();
    best = Math.min(best, performance.now() - start);
  }
  return best;
}
