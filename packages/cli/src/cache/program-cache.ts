import type { ResolvedStack } from "@caisson/core";
import { createHash } from "node:crypto";
import { fingerprintsOrAbsence, stillSo, type Fingerprint } from "./fingerprint.ts";
import { readCacheFile, writeCacheFile, type CachePlace } from "./stack-cache.ts";

/** `key`: the programs the hashes are of; `seen`: what they were worked out from. */
interface CachedHashes {
  readonly stamp: string;
  readonly key: string;
  readonly seen: readonly Fingerprint[];
  readonly hashes: Readonly<Record<string, string>>;
}

/**
 * The hashes of a stack's programs; remembered while no file, folder or package.json that was looked at changed, for
 * reading and walking all sources costs more than the rest of an `up` that has nothing to do.
 */
export async function cachedProgramHashes(
  place: CachePlace,
  stack: ResolvedStack,
  root: string,
  now: () => number,
): Promise<Readonly<Record<string, string>>> {
  const path = place.path.replace(/\.json$/, ".programs.json");
  const key = createHash("sha256")
    .update(JSON.stringify([root, stack.resources.map(({ name, program, sources }) => [name, program, sources])]))
    .digest("hex");
  const known = readCacheFile<CachedHashes>(path);
  if (known?.stamp === place.stamp && known.key === key && stillSo(known.seen)) return known.hashes;
  const { programHashes } = await import("@caisson/runtime/load");
  const began = now();
  const { hashes, seen } = programHashes(stack, root);
  // What changed while it was read may have been read before or after: then the next one reads again.
  const taken = fingerprintsOrAbsence(seen, began);
  if (taken)
    writeCacheFile(path, JSON.stringify({ stamp: place.stamp, key, seen: taken, hashes } satisfies CachedHashes));
  return hashes;
}
