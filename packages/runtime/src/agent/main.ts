import { closeSync, openSync, readSync } from "node:fs";
import { parseArgs } from "node:util";
import { isCaissonError } from "@caisson/core/run";
import type { Project } from "../client/project.ts";
import type { Agent } from "./agent.ts";
import { startAgent } from "./start-agent.ts";

// Started by `caisson up`, in a session of its own, often before that knows whether an agent is needed: it is held until a
// word comes on its standard input. Or by the host's service manager. It says on its standard output, one line of JSON,
// whether it serves.
const { values } = parseArgs({
  options: {
    root: { type: "string" },
    stack: { type: "string" },
    environment: { type: "string" },
    target: { type: "string" },
    resume: { type: "boolean", default: false },
    held: { type: "boolean", default: false },
  },
});
const { root, stack, environment, target, resume, held } = values;
if (root === undefined || stack === undefined || environment === undefined) {
  process.stderr.write("expected --root, --stack and --environment; the agent is started by `caisson up`\n");
  process.exit(2);
}
if (held && !toldToServe()) process.exit(0);
void main({ root, stack, environment });

async function main(project: Project): Promise<void> {
  try {
    const start = (): Promise<Agent> =>
      startAgent(project, {
        resume,
        // The command line checked the word; without one, the stack stays where it is.
        ...((target === "docker" || target === "process") && { target }),
      });
    const agent = held ? await start() : await (await import("../client/connect.ts")).takeOver(project, start);
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
    process.stdout.write(`${JSON.stringify(document)}\n`, () =>
      process.exit(document.code === "E_NOT_RUNNING" ? notRunning : 1),
    );
  }
}

/** As the command line's exit code. A service manager lets it be. */
const notRunning = 7;

/** False where standard input ends without a word: nobody needs this agent. */
function toldToServe(): boolean {
  const told = readSync(0, Buffer.alloc(16)) > 0;
  // The next file that is opened must not become the standard input of what we start.
  closeSync(0);
  openSync("/dev/null", "r");
  return told;
}
