/** What a key may be allowed: to send events in, to read what was used. */
export const keyScopes = ["ingest", "read"] as const;

export type KeyScope = (typeof keyScopes)[number];

/** What a key gives: the tenant, by row id and by the name people use, and what may be done for it. */
export interface Credential {
  readonly tenant: number;
  readonly tenantName: string;
  readonly scopes: readonly KeyScope[];
  /** The same for the two keys of a rotation: they share one rate limit. */
  readonly family: string;
}

/** How long an answer about a key is believed: a revoked key works at most this long, a new one is known at once. */
export const keyTtlMs = 10_000;

/** Answers about keys, by a hash of the key: most recently used first, never more than `capacity` of either kind. */
export interface KeyCache {
  /** A credential, `null` for a key known to be none, `undefined` for not known (any more). */
  get(hash: string): Credential | null | undefined;
  set(hash: string, credential: Credential | null): void;
}

/**
 * A bounded cache with a monotonic clock (milliseconds). Unknown keys have a room of their own: a flood of made-up keys
 * cannot push the good ones out.
 */
export function createKeyCache(now: () => number, capacity = 10_000): KeyCache {
  const rooms = { good: new Map<string, Entry>(), bad: new Map<string, Entry>() };
  return {
    get: (hash) => {
      for (const room of [rooms.good, rooms.bad]) {
        const entry = room.get(hash);
        if (!entry) continue;
        room.delete(hash);
        if (entry.until <= now()) return undefined;
        room.set(hash, entry);
        return entry.credential;
      }
      return undefined;
    },
    set: (hash, credential) => {
      rooms.good.delete(hash);
      rooms.bad.delete(hash);
      const room = credential ? rooms.good : rooms.bad;
      room.set(hash, { credential, until: now() + keyTtlMs });
      if (room.size > capacity) room.delete(room.keys().next().value ?? "");
    },
  };
}

interface Entry {
  readonly credential: Credential | null;
  readonly until: number;
}
