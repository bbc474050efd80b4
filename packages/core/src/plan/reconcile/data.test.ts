import { describe, expect, it } from "vitest";
import type { DesiredResource, Observed } from "../plan-types.ts";
import { reconcile } from "../reconcile.ts";
import { store, upAndWell, wanted } from "../testing/plan-cases.ts";

describe("a plan is refused", () => {
  const refusal = (desired: readonly DesiredResource[], observed: Observed): string => {
    try {
      reconcile(desired, observed);
    } catch (error) {
      return error instanceof Error ? `\n${error.message}\n` : String(error);
    }
    return "not refused";
  };

  it("for data of another instance, component or major, all at once", () => {
    const desired = [
      store("foreign"),
      store("old"),
      wanted("cache", { kind: "component", component: "redis", volumes: [{ name: "data", dataMajor: 7 }] }),
    ];
    const observed = upAndWell(desired);
    const volumes = observed.volumes.map((volume) => ({
      ...volume,
      ...(volume.resource === "foreign" && { instance: "i2" }),
      ...(volume.resource === "old" && { dataMajor: 15 }),
      ...(volume.resource === "cache" && { component: "postgres" }),
    }));
    expect(refusal(desired, { ...observed, volumes })).toMatchInlineSnapshot(`
      "
      the plan has 3 problems:
        foreign/volumes/data: belongs to another instance (i2; this one is i1); move it away, or bring it up where it was made [E_DATA_FOREIGN]
        old/volumes/data: was written by postgres 15, and 18 cannot read it; keep version 15, or export the data while 15 runs, then \`caisson down\`, move the volume away, change the version, and import it [E_DATA_MAJOR]
        cache/volumes/data: holds data of postgres, and cache is redis; give cache another name, or move the data away [E_DATA_COMPONENT]
      "
    `);
  });

  it("for a store that goes while one of its kind comes", () => {
    expect(refusal([store("db")], upAndWell([store("postgres")]))).toMatchInlineSnapshot(`
      "
      the plan has 1 problem:
        postgres: postgres (postgres) goes and db comes: is it the same data? Say renamedFrom: "postgres" in db; if not, take postgres out and run \`caisson up\` before you add db [E_DATA_RENAMED]
      "
    `);
    const both = [store("postgres"), store("db", { renamedFrom: "postgres" })];
    expect(refusal(both, upAndWell([store("postgres")]))).toMatchInlineSnapshot(`
      "
      the plan has 1 problem:
        db/renamedFrom: expected the name of a resource that is gone, got postgres, which is still in the stack [E_DATA_RENAMED]
      "
    `);
  });

  it("not for a store that went in an earlier plan", () => {
    const { volumes, instance } = upAndWell([store("postgres")]);
    expect(refusal([store("db")], { instance, volumes, resources: [] })).toBe("not refused");
  });
});
