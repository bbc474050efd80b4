/** More than this makes no collection rarer that matters: what lives longer than one is copied, however large it is. */
const mostMb = 64;

/**
 * What Node is told of a memory limit (bytes): a sixteenth of it for each half of its young generation, 1 to 64 MiB. Node's own
 * choice follows from the heap it allows itself, and in a container of 512 MB is 1 MiB, so a service that answers much
 * collects all the time (`node --help`, `--max-semi-space-size`). Without a limit Node chooses.
 */
export function nodeArguments(memory: number | undefined): readonly string[] {
  if (memory === undefined) return [];
  const mb = Math.min(mostMb, Math.max(1, Math.floor(memory / 16 / 1024 ** 2)));
  return [`--max-semi-space-size=${mb}`];
}
