import { resolveStack, type ResolvedStack } from "@caisson/core";
import { memoryDriver, memoryHost } from "../../packages/runtime/src/drivers/memory/memory-driver.ts";
import { createEngine, type Engine } from "../../packages/runtime/src/engine/engine.ts";
import { planOf } from "../lib/plan-of.ts";
import definition from "./stack.ts";

/** ms from a definition to all its services ready, planned and started as ever, but for containers in memory alone. */
export async function inMemory(services: number): Promise<number> {
  const start = performance.now();
  const stack = resolveStack(definition, { params: { set: { chains: String(services / 4) }, env: {}, dotenv: {} } });
  planOf(stack);
  const engine = await allReady(stack);
  const ms = performance.now() - start;
  engine.close();
  return ms;
}

async function allReady({ resources, edges }: ResolvedStack): Promise<Engine> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const driver = memoryDriver(memoryHost());
  const ready = new Set<string>();
  const engine = createEngine({
    driver,
    start: (id) =>
      driver.spawn(id, {
        argv: ["serve"],
        env: {},
        cwd: "/",
        runFolder: "/",
        logFile: "/",
        marker: `bench/${id.resource}`,
        limits: {},
      }),
    probes: {
      watch: (_, tell) => setImmediate(tell, "ready", true, ""),
      unwatch: () => {},
      close: () => {},
    },
    now: () => performance.now(),
    random: () => 0,
    journal: { unit: () => {}, gone: () => {} },
    changed({ resource, health }) {
      if (health === "Ready") ready.add(resource);
      if (ready.size === resources.length) resolve();
    },
    gone: () => {},
    report: () => {},
  });
  const needs = Map.groupBy(edges, ({ from }) => from);
  for (const { name, restart, stop } of resources)
    engine.dispatch({
      type: "desire",
      spec: {
        resource: name,
        generation: 1,
        kind: "service",
        replicas: 1,
        restart,
        stop,
        probed: true,
        needs: (needs.get(name) ?? []).map(({ to, condition }) => ({ resource: to, condition })),
        replace: "stop-first",
        readyWithinMs: 60_000,
      },
    });
  await promise;
  return engine;
}
