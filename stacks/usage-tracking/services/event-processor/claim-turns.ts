/** How long a process that has a shard leaves another one to others before it claims that too, per shard it has. */
const courtesyMs = 2000;

/** Decides which shards a process may claim now. */
export interface ClaimTurns {
  readonly may: (shard: number) => boolean;
  readonly onRole: (shard: number, role: "owner" | "standby" | "none") => void;
}

/**
 * As many processes as shards share them evenly, yet one process alone takes them all: the first shard is claimed at
 * once, each further one only after others had their chance. `now`: a monotonic clock in milliseconds.
 */
export function createClaimTurns(now: () => number): ClaimTurns {
  const owned = new Set<number>();
  const waitingSince = new Map<number, number>();
  return {
    may: (shard) => {
      if (owned.has(shard) || owned.size === 0) return true;
      const since = waitingSince.get(shard) ?? now();
      waitingSince.set(shard, since);
      return now() - since >= courtesyMs * owned.size;
    },
    onRole: (shard, role) => {
      if (role === "owner") owned.add(shard);
      else owned.delete(shard);
      waitingSince.delete(shard);
    },
  };
}
