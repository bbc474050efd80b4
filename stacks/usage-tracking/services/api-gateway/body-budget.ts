/** Bounds the bytes of request bodies that are in memory at once, whatever they turn out to be. */
export interface BodyBudget {
  /** Reserves room for a body; the returned function gives it back (once). `undefined`: there is none. */
  take(bytes: number): (() => void) | undefined;
}

/** A budget of `most` bytes; one body fits however large it is, its own limit is elsewhere. */
export function createBodyBudget(most: number): BodyBudget {
  let taken = 0;
  return {
    take: (bytes) => {
      if (taken > 0 && taken + bytes > most) return undefined;
      taken += bytes;
      let given = false;
      return () => {
        if (!given) taken -= bytes;
        given = true;
      };
    },
  };
}
