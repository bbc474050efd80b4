import { fileURLToPath } from "node:url";
import { caisson } from "./lib/caisson.ts";
import { atMost, type Figure } from "./lib/figure.ts";
import { median } from "./lib/median.ts";
import { run } from "./lib/run.ts";

const stack = fileURLToPath(new URL("../stacks/usage-tracking/stack.ts", import.meta.url));
const rounds = 5;

/** The five-service system: a warm start against its own critical path, and an `up` that has nothing to do. */
export async function usageTracking(): Promise<readonly Figure[]> {
  const ratios: number[] = [];
  const idle: number[] = [];
  try {
    for (let round = -1; round < rounds; round++) {
      const { ms } = await run([...caisson, "up", "-f", stack, "-d", "--wait"]);
      const path = await criticalPathMs();
      const again = await run([...caisson, "up", "-f", stack, "-d", "--wait"]);
      await run([...caisson, "down", "-f", stack]);
      // The first round may create the database; a warm start is what is claimed.
      if (round < 0) continue;
      ratios.push(ms / path);
      idle.push(again.ms);
    }
  } finally {
    await run([...caisson, "down", "-f", stack]).catch(() => undefined); // down already
  }
  const nothing = median(idle);
  return [
    atMost("usage-tracking warm up / critical path", median(ratios), 1.25, `median of ${rounds} rounds`),
    atMost("up with nothing to do / 150 ms", nothing / 150, 1, `${nothing.toFixed(0)} ms`),
  ];
}

/** Sum of spawn-to-ready along the longest chain of `needs` of the run that is up (as `up` itself prints it). */
async function criticalPathMs(): Promise<number> {
  const { stdout } = await run([...caisson, "ps", "-f", stack, "--format", "json"]);
  const { resources } = JSON.parse(stdout) as {
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
