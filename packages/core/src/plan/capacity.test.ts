import { describe, expect, it } from "vitest";
import { baseResource } from "../model/resource-defaults.ts";
import type { Resource, ResourceKind } from "../model/resource.ts";
import { checkCapacity } from "./capacity.ts";

const gb = 1024 ** 3;

function part(
  name: string,
  amounts: Partial<Resource["resources"]>,
  replicas = 1,
  kind: ResourceKind = "service",
): Resource {
  return { ...baseResource(kind, "program", name), replicas, resources: { limits: {}, reservations: {}, ...amounts } };
}

describe("the capacity of a host", () => {
  it("is enough when everything fits beside one update", () => {
    const fits = [part("a", { reservations: { cpus: 1 } }, 2), part("b", { reservations: { cpus: 1, memory: gb } })];
    expect(checkCapacity(fits, { cpus: 4, memory: 2 * gb })).toEqual({ errors: [], warnings: [] });
    expect(checkCapacity(fits, { cpus: 3.9, memory: 2 * gb }).errors).toHaveLength(1);
    expect(checkCapacity(fits, { cpus: 4, memory: 2 * gb - 1 }).errors).toHaveLength(1);
  });

  it("is exceeded by reservations as an error, by limits as a warning; both name the largest parts and the flag", () => {
    const resources = [
      part("postgres", { reservations: { memory: 2 * gb }, limits: { memory: 4 * gb, cpus: 2 } }, 1, "component"),
      part("gateway", { reservations: { memory: gb / 2 }, limits: { cpus: 0.5 } }, 3),
      part("small", { reservations: { memory: gb / 4 } }),
      part("tiny", { reservations: { memory: gb / 8 } }),
      part("report", { reservations: { memory: 64 * gb } }, 1, "command"),
      part("warehouse", { reservations: { memory: 64 * gb } }, 1, "external"),
    ];
    const { errors, warnings } = checkCapacity(resources, { cpus: 5, memory: 3 * gb });
    expect(errors).toMatchInlineSnapshot(`
      [
        {
          "code": "E_CAPACITY",
          "message": "reservations of 5.88 GB (with 2 GB of headroom for one update) are more than this host's 3 GB; the largest: postgres 2 GB, gateway 3 x 512 MB, small 256 MB; --allow-overcommit accepts it",
          "path": "reservations/memory",
        },
      ]
    `);
    expect(warnings).toMatchInlineSnapshot(`
      [
        {
          "code": "E_CAPACITY",
          "message": "limits of 5.5 CPUs (with 2 CPUs of headroom for one update) are more than this host's 5 CPUs; the largest: postgres 2 CPUs, gateway 3 x 0.5 CPUs; --allow-overcommit accepts it",
          "path": "limits/cpus",
        },
        {
          "code": "E_CAPACITY",
          "message": "limits of 8 GB (with 4 GB of headroom for one update) are more than this host's 3 GB; the largest: postgres 4 GB; --allow-overcommit accepts it",
          "path": "limits/memory",
        },
      ]
    `);
  });
});
