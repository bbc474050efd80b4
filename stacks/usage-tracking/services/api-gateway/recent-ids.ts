import { innerSet } from "../../maps/inner-map.ts";

/** Ids that are known to be durable: a retry is told so without being stored again. Forgetting one is harmless. */
export interface RecentIds {
  has(tenant: number, id: string): boolean;
  add(tenant: number, ids: readonly string[]): void;
}

type Ids = Map<number, Set<string>>;

/** Remembers the last `capacity` ids at least, twice as many at most. */
export function createRecentIds(capacity: number): RecentIds {
  // A set for each tenant: an id has its hash already, a text made of both would have to be hashed anew.
  let young: Ids = new Map();
  let old: Ids = new Map();
  let size = 0;
  return {
    has: (tenant, id) => young.get(tenant)?.has(id) === true || old.get(tenant)?.has(id) === true,
    add: (tenant, ids) => {
      for (const id of ids) {
        if (size >= capacity) {
          [old, young] = [young, new Map()];
          size = 0;
        }
        const own = innerSet(young, tenant);
        const before = own.size;
        if (own.add(id).size > before) size++;
      }
    },
  };
}
