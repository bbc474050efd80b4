import type { Skipped } from "@caisson/core";

/** What is left out though nobody asked for that: not a profile that is off, nor --without. */
export function unasked(skipped: readonly Skipped[]): readonly Skipped[] {
  return skipped.filter(({ reason }) => !/^(profile .* is off|left out with --without)$/.test(reason));
}
