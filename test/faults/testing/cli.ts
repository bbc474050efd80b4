import { startCli, type Running } from "../../../packages/cli/src/testing/run-cli.ts";
import type { Stage } from "./stage.ts";

/** The real command in the stage's folder, in a session of its own: a signal reaches it alone. */
export function cli({ root }: Stage, args: readonly string[]): Running {
  return startCli(args, { cwd: root });
}
