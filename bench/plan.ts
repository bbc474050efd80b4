import { defineProgram, defineStack, HttpUrl, resolveStack, service, Type, type Service } from "@caisson/core";
import { planOf } from "./lib/plan-of.ts";
import { atMost, type Figure } from "./lib/figure.ts";
import { median } from "./lib/median.ts";

/** Resolving and planning a stack of 1,000 and of 10,000 services, each using the one before. */
export async function plan(): Promise<readonly Figure[]> {
  const times: Record<number, number[]> = { 1000: [], 10_000: [] };
  for (let round = -1; round < 5; round++) {
    for (const size of [1000, 10_000]) {
      const start = performance.now();
      const made = planOf(resolveStack(chain(size)));
      const ms = performance.now() - start;
      if (made.operations.length < size)
        throw new Error(`expected at least ${size} operations, got ${made.operations.length}`);
      if (round >= 0) times[size]?.push(ms);
    }
  }
  const small = median(times[1000] ?? []);
  const large = median(times[10_000] ?? []);
  return [
    atMost("plan 10,000 / plan 1,000", large / small, 12, `${large.toFixed(0)} ms / ${small.toFixed(0)} ms`),
    atMost("plan 1,000 / 150 ms", small / 150, 1, `${small.toFixed(0)} ms`),
  ];
}

function chain(size: number): ReturnType<typeof defineStack> {
  const services: Service[] = [];
  for (let index = 0; index < size; index++) {
    const before = services[index - 1];
    const program = defineProgram(import.meta, `s${index}`, {
      config: Type.Object({ upstream: Type.Optional(HttpUrl) }),
      http: { port: 10_000 + index },
    });
    services.push(service(program, { config: { upstream: before?.url } }));
  }
  return defineStack("chain", services);
}
