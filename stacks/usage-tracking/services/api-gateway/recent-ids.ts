/** Ids that are known to be durable: a retry is told so without being stored again. Forgetting one is harmless. */
export interface RecentIds {
  has(tenant: number, id: string): boolean;
  add(tenant: number, ids: readonly string[]): void;
}

/** Remembers the last `capacity` ids at least, twice as many at most. */
export function createRecentIds(capacity: number): RecentIds {
  let young = new Set<string>();
  let old = new Set<string>();
  return {
    has: (tenant, id) => young.has(`${tenant} ${id}`) || old.has(`${tenant} ${id}`),
    add: (tenant, ids) => {
      for (const id of ids) {
        if (young.size >= capacity) [old, young] = [young, new Set()];
        young.add(`${tenant} ${id}`);
      }
    },
  };
}
