import { fileURLToPath } from "node:url";
import { atMost, type Figure } from "./lib/figure.ts";
import { installed } from "./lib/installed.ts";
import { median } from "./lib/median.ts";
import { run, type Finished } from "./lib/run.ts";

const folder = fileURLToPath(new URL("../stacks/usage-tracking", import.meta.url));
const rounds = 5;

/** The five-service system: a warm start against its own critical path, and an `up` that has nothing to do. */
export async function usageTracking(): Promise<readonly Figure[]> {
  const ratios: number[] = [];
  const idle: number[] = [];
  const { caisson, stack, remove } = await installed(folder);
  const ours = (verb: string, ...flags: string[]): Promise<Finished> => run([...caisson, verb, "-f", stack, ...flags]);
  try {
    for (let round = -1; round < rounds; round++) {
      const { ms } = await ours("up", "-d", "--wait");
      const path = criticalPathMs((await ours("ps", "--format", "json")).stdout);
      const again = await ours("up", "-d", "--wait");
      await ours("down");
      // The first round may create the database; a warm start is what is claimed.
      if (round < 0) continue;
      ratios.push(ms / path);
      idle.push(again.ms);
    }
  } finally {
    await ours("down", "-v", "--yes");
    remove();
  }
  const nothing = median(idle);
  return [
    atMost("usage-tracking warm up / critical path", median(ratios), 1.25, `median of ${rounds} rounds`),
    atMost("up with nothing to do / 150 ms", nothing / 150, 1, `${nothing.toFixed(0)} ms`),
  ];
}

/** Sum of spawn-to-ready along the longest chain of `needs` of the run that is up (as `up` itself prints it). */
function criticalPathMs(ps: string): number {
  const { resources } = JSON.parse(ps) as {
    resources: { name: string; startTimestamp: string | null; readyTimestamp: string | null; needs: string[] }[];
  };
  const byName = new Map(resources.map((resource) => [resource.name, resource]));
  const longest = (name: string): number => {
    const resource = byName.get(name);
    if (!resource?.startTimestamp || !resource.readyTimestamp) return 0;
    return (
      Date.parse(resource.readyTimestamp) -
      Date.parse(resource.startTimestamp) +
      Math.max(0, ...resource.needs.map(longest))
    );
  };
  return Math.max(...resources.map(({ name }) => longest(name)));
}
