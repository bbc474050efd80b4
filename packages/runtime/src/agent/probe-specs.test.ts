import { mosquitto, postgres, redis, type Resource, resolveStack, defineStack, kafka } from "@caisson/core";
import { expect, test } from "vitest";
import type { Agent } from "./agent.ts";
import { probeSpecs } from "./probe-specs.ts";

const log = kafka("log");
const stack = resolveStack(
  defineStack("demo", [
    postgres("db"),
    redis("cache", { role: "cache" }),
    ...log.resources,
    mosquitto("broker", { users: {} }),
  ]),
);

/** An agent as far as a probe asks: a container is at 172.30.0.9, a port of the host has moved to 20001. */
function asked(resource: Resource, inContainers: boolean): object | undefined {
  const agent = {
    records: { generation: () => ({ resource, generation: 1 }) },
    engine: { runOf: () => ({}) },
    addresses: { port: () => 20_001 },
    containers: inContainers ? { addressOf: () => "172.30.0.9" } : undefined,
    evaluate: () => "/a/file",
  } as unknown as Agent; // only what is asked of it
  return probeSpecs(agent, { resource: resource.name, replica: 0, generation: 1 }).ready;
}

test.each([
  ["db", 5432],
  ["cache", 6379],
  ["log-1", 9092],
  ["broker", 1883],
])("%s in a container is asked at the container's address, at the port it has inside", (name, inside) => {
  const resource = stack.resources.find((each) => each.name === name);
  if (!resource) throw new Error(`no ${name}`);
  expect(asked(resource, true)).toMatchObject({ host: "172.30.0.9", port: inside });
  expect(asked(resource, false)).toMatchObject({ host: "127.0.0.1", port: 20_001 });
});
