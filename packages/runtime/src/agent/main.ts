import { closeSync, openSync, readSync } from "node:fs";
import { parseArgs } from "node:util";
import { isCaissonError } from "@caisson/core/run";
import type { Project } from "../client/project.ts";
import { startAgent } from "./start-agent.ts";

// Started by `caisson up`, in a session of its own, often before that knows whether an agent is needed: it waits for a
// word on its standard input. It says on its standard output, one line of JSON, whether it serves.
const { values } = parseArgs({
  options: {
    root: { type: "string" },
    stack: { type: "string" },
    environment: { type: "string" },
    target: { type: "string" },
  },
});
const { root, stack, environment, target } = values;
if (root === undefined || stack === undefined || environment === undefined) {
  process.stderr.write("expected --root, --stack and --environment; the agent is started by `caisson up`\n");
  process.exit(2);
}
if (!toldToServe()) process.exit(0);
void main({ root, stack, environment });

async function main(project: Project): Promise<void> {
  try {
    const agent = await startAgent(
      project,
      // The command line checked the word; without one, the stack stays where it is.
      target === "docker" || target === "process" ? { target } : {},
    );
    // A terminal that closes or a Ctrl-C meant for the CLI must not end the agent; SIGTERM (a shutdown of the host) ends it
    // and leaves the children to the host's own order, to be adopted or cleaned up by the next `up`.
    process.on("SIGHUP", () => {});
    process.on("SIGINT", () => {});
    process.on("SIGTERM", () => agent.close("terminated"));
    // Whatever goes wrong in one place, the others are still to be looked after.
    for (const event of ["uncaughtException", "unhandledRejection"])
      process.on(event, (reason: unknown) =>
        agent.log(`bug: ${reason instanceof Error ? (reason.stack ?? reason.message) : String(reason)}`),
      );
    process.stdout.write(`${JSON.stringify({ ok: true, pid: process.pid })}\n`);
  } catch (error) {
    const known = isCaissonError(error);
    const document = {
      ok: false,
      code: known ? error.code : "E_BUG",
      message: error instanceof Error ? (known ? error.message : error.stack) : String(error),
      hint: known ? error.hint : "",
    };
    // Whatever was begun (watches, timers) must not keep an agent alive that serves nobody.
    process.stdout.write(`${JSON.stringify(document)}\n`, () => process.exit(1));
  }
}

/** False where standard input ends without a word: nobody needs this agent. */
function toldToServe(): boolean {
  const told = readSync(0, Buffer.alloc(16)) > 0;
  // The next file that is opened must not become the standard input of what we start.
  closeSync(0);
  openSync("/dev/null", "r");
  return told;
}
