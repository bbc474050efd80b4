import { caisson } from "./lib/caisson.ts";
import { atMost, type Figure } from "./lib/figure.ts";
import { inTurn } from "./lib/median.ts";
import { run } from "./lib/run.ts";

/** What the launcher costs: `caisson --help` against a bare `node -e 0`. */
export async function help(): Promise<readonly Figure[]> {
  const times = await inTurn(11, {
    help: async () => (await run([...caisson, "--help"])).ms,
    node: async () => (await run([process.execPath, "-e", "0"])).ms,
  });
  const { help: ours = 0, node = 1 } = times;
  return [atMost("caisson --help / node -e 0", ours / node, 2.2, `${ours.toFixed(0)} ms / ${node.toFixed(0)} ms`)];
}
