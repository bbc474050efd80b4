import { startAgent } from "../../../packages/runtime/src/agent/start-agent.ts";
import { crashAt, type CrashPoint } from "../../../packages/runtime/src/state/crash-at.ts";

// argv: root, stack, environment, k. An agent that kills itself (SIGKILL) at the k-th crash point after it was armed by
// SIGUSR2; "now" as a fifth argument arms it from the start. Says one line when it serves.
const [root = "", stack = "", environment = "", k = "0", when] = process.argv.slice(2);
const crash = crashAt(Number(k));
let armed = when === "now";
process.on("SIGUSR2", () => {
  armed = true;
});
const crashPoint: CrashPoint = (label) => {
  if (armed) crash(label);
};
await startAgent({ root, stack, environment }, { crashPoint });
process.stdout.write("serves\n");
