import { defineProgram, defineStack, pod, postgres, resolveStack, service, Type, type Resource } from "@caisson/core";
import { gatherPods } from "@caisson/core/run";
import { expect, test } from "vitest";
import { freshStatus, type GenerationRecord } from "./records.ts";
import { unitSpec } from "./unit-spec.ts";

const programs = ["users", "gateway", "pages"].map((name) =>
  service(defineProgram({ url: "file:///app/contract.ts" }, name, { config: Type.Object({}) }), { config: {} }),
);
const db = postgres("postgres", { database: "shop", readReplicas: 1 });
const stack = gatherPods(resolveStack(defineStack("shop", [db, db.readReplicas, pod("core", programs)])));

function readyWithinMs(name: string): number {
  const resource = stack.resources.find((each) => each.name === name) as Resource;
  // Of a generation no more is read than this.
  const record = { resource, generation: 1, needs: [], launch: { sharesPort: false } } as unknown as GenerationRecord;
  return unitSpec(record, freshStatus.replicas, { sharedPorts: false, limits: true }).readyWithinMs;
}

test.each([
  ["postgres", 60_000],
  // Its members start one after the other.
  ["core", 180_000],
  // The first copy of a database.
  ["postgres-replica-1", 6 * 3_600_000],
])("%s may take %i ms to be ready: what its checks allow, a minute at least", (name, ms) => {
  expect(readyWithinMs(name)).toBe(ms);
});
