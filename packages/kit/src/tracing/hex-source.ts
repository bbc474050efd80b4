import { randomFillSync } from "node:crypto";

/** Gives random ids of so many bytes, in lower-case hex. */
export type HexSource = (bytes: number) => string;

/** Ids drawn from a pool that is filled at once: three calls into the system's generator were a sixth of a small request. */
export function hexSource(): HexSource {
  const pool = Buffer.alloc(4096);
  let used = pool.length;
  return (bytes) => {
    if (used + bytes > pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    used += bytes;
    return pool.toString("hex", used - bytes, used);
  };
}
