import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { tempFolder } from "../../state/testing/temp-folder.ts";
import { hostRoutes } from "./host-routes.ts";
import { freeSubnet, networkPools, parseSubnet, subnetText, type Subnet } from "./subnets.ts";

const of = (text: string): Subnet => parseSubnet(text) ?? expect.fail(text);

test("what is free lies in the pool, meets nothing, begins where its size lets it, and has room twice", () => {
  const pool = of("10.0.0.0/20");
  const subnet = fc
    .tuple(fc.integer({ min: 0, max: 2 ** 13 - 1 }), fc.integer({ min: 22, max: 32 }))
    .map(([at, prefix]) => of(subnetText({ first: pool.first - 2048 + at, size: 1 }).replace(/\d+$/, String(prefix))));
  fc.assert(
    fc.property(fc.array(subnet, { maxLength: 40 }), fc.integer({ min: 1, max: 200 }), (taken, members) => {
      const free = freeSubnet([pool], taken, members);
      const fits = (each: Subnet): boolean =>
        taken.every((other) => each.first + each.size <= other.first || other.first + other.size <= each.first);
      if (free) {
        expect(fits(free)).toBe(true);
        expect(free.first % free.size).toBe(0);
        expect(free.first).toBeGreaterThanOrEqual(pool.first);
        expect(free.first + free.size).toBeLessThanOrEqual(pool.first + pool.size);
        expect(free.size - 3).toBeGreaterThanOrEqual(2 * members);
        return;
      }
      const size = [32, 64, 128, 256, 512].find((each) => each - 3 >= 2 * members) ?? expect.fail();
      for (let first = pool.first; first < pool.first + pool.size; first += size)
        expect(fits({ first, size })).toBe(false);
    }),
  );
});

test("subnets are read and written", () => {
  expect(of("10.201.3.77/27")).toEqual(of("10.201.3.64/27"));
  expect(subnetText(of("255.255.255.224/27"))).toBe("255.255.255.224/27");
  for (const text of ["", "10.0.0.0", "10.0.0/8", "10.0.0.256/24", "10.0.0.0/33", "fd00::/64"])
    expect(parseSubnet(text), text).toBeUndefined();
});

test("a pool that is none, or too small for one network, is refused with what was got", () => {
  expect(() => networkPools("10.9.0.0")).toThrow(/CAISSON_NETWORK_POOL.*got "10\.9\.0\.0"/);
  expect(() => networkPools("10.8.0.0/24, 10.9.0.0/28")).toThrow(/27 or larger/);
});

test("where the first pool is somebody's the next is taken", () => {
  const pools = networkPools();
  expect(subnetText(freeSubnet(pools, [], 1) ?? expect.fail())).toBe("10.201.0.0/27");
  expect(subnetText(freeSubnet(pools, [of("10.0.0.0/8")], 1) ?? expect.fail())).toBe("172.31.0.0/27");
});

test("the host's routes are read, the one to everywhere is not", () => {
  const file = join(tempFolder(), "route");
  writeFileSync(
    file,
    "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n" +
      "eth0\t00000000\t0100C80A\t0003\t0\t0\t0\t00000000\t0\t0\t0\n" +
      "eth0\t0000C80A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n" +
      "wg0\t4002C90A\t00000000\t0005\t0\t0\t0\tC0FFFFFF\t0\t0\t0\n",
  );
  expect(hostRoutes(file).map(subnetText)).toEqual(["10.200.0.0/16", "10.201.2.64/26"]);
  expect(hostRoutes(join(tempFolder(), "none"))).toEqual([]);
});
