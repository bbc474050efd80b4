import { isIPv4 } from "node:net";
import { CaissonError } from "@caisson/core/run";

/** A range of IPv4 addresses: `size`, a power of two, from `first` on. */
export interface Subnet {
  readonly first: number;
  readonly size: number;
}

/**
 * An engine's own pools give out some thirty networks; the first of these has 2,048. The others are for hosts where 10.0.0.0/8
 * is somebody's, such as a company's network.
 */
const defaultPools = "10.201.0.0/16,172.31.0.0/16,192.168.240.0/20";

/** The smallest network: /27. Of 32 addresses 29 are left beside the network's own, its broadcast and its gateway. */
const smallest = 32;
const notForMembers = 3;

/** Where networks of stacks are taken from, the first first. Throws E_NETWORKS where `CAISSON_NETWORK_POOL` is no such list. */
export function networkPools(text: string = defaultPools): Subnet[] {
  return text.split(",").map((each) => {
    const pool = parseSubnet(each.trim());
    if (pool && pool.size >= smallest) return pool;
    throw new CaissonError(
      "E_NETWORKS",
      `expected IPv4 subnets of /27 or larger in CAISSON_NETWORK_POOL, as in ${defaultPools}, got ${JSON.stringify(text)}`,
    );
  });
}

/** The first subnet of a pool that has room for so many members twice, for a change runs old and new, and meets no other. */
export function freeSubnet(pools: readonly Subnet[], taken: readonly Subnet[], members: number): Subnet | undefined {
  let size = smallest;
  while (size - notForMembers < 2 * members) size *= 2;
  for (const pool of pools) {
    let first = pool.first;
    while (first + size <= pool.first + pool.size) {
      const met = taken.find((each) => first < each.first + each.size && each.first < first + size);
      if (!met) return { first, size };
      // Behind what is in the way, where the next of that size may begin.
      first = Math.ceil((met.first + met.size) / size) * size;
    }
  }
  return undefined;
}

/** `10.0.0.0/27`; undefined for what is no IPv4 subnet. */
export function parseSubnet(text: string): Subnet | undefined {
  const [, address = "", prefix] = /^([\d.]+)\/(\d{1,2})$/.exec(text) ?? [];
  if (!isIPv4(address) || Number(prefix) > 32) return undefined;
  const size = 2 ** (32 - Number(prefix));
  const first = address.split(".").reduce((sum, byte) => sum * 256 + Number(byte), 0);
  return { first: first - (first % size), size };
}

export function subnetText({ first, size }: Subnet): string {
  const bytes = [24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256);
  return `${bytes.join(".")}/${32 - Math.log2(size)}`;
}
