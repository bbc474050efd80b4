import { describe, expect, it } from "vitest";
import type { DesiredResource } from "../plan-types.ts";
import { reconcile } from "../reconcile.ts";
import { growth, linear } from "../testing/growth.ts";
import { completed, healthy, nothing, upAndWell, wanted } from "../testing/plan-cases.ts";

const changed = { config: "c2", program: "p1", catalogue: 1 };

function chain(count: number): DesiredResource[] {
  return Array.from({ length: count }, (_, index) =>
    wanted(`r${index}`, { needs: index < 3 ? [] : [healthy(`r${index - 1}`), completed(`r${index - 3}`)] }),
  );
}

describe("a plan of many resources", () => {
  it("takes time in proportion to them", () => {
    const cases = new Map([500, 8000].map((count) => [count, chain(count)]));
    const stale = new Map(
      [...cases].map(([count, desired]) => [count, upAndWell(desired.map((each) => ({ ...each, identity: changed })))]),
    );
    expect(growth((size) => reconcile(cases.get(size) ?? [], stale.get(size) ?? nothing), 500)).toBeLessThan(linear);
  });

  it("has every operation after those it waits for", () => {
    const { operations } = reconcile(chain(10_000), nothing);
    expect(operations).toHaveLength(30_000);
    expect(operations.every(({ id, after }) => after.every((each) => each < id))).toBe(true);
  });
});
