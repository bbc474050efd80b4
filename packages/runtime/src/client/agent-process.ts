import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { CaissonError, errorTable, isCaissonError, type ErrorCode } from "@caisson/core/errors";
import type { Layout } from "../state/layout.ts";
import { errorCode } from "../host/error-code.ts";
import { prepareFolders } from "../state/prepare-folders.ts";
import type { TargetName } from "../target/target.ts";
import { agentCommand, type AgentOptions } from "./agent-command.ts";
import { projectLayout } from "./project-layout.ts";
import type { Project } from "./project.ts";

/** The process of an agent to be. It has its code loaded and does nothing before it is told to serve. */
export interface AgentProcess {
  readonly project: Project;
  readonly target: TargetName | undefined;
  /** Neither serves nor was dismissed. */
  held(): boolean;
  /** Resolves when it serves. Throws what it says is in the way. */
  serve(): Promise<void>;
  /** Ends it where it was not told to serve; so does the end of this process. */
  dismiss(): void;
}

/** Starts the process of an agent, in a session of its own. Throws E_AGENT_LOCK where the state cannot be written. */
export function spawnAgent(project: Project, options: Omit<AgentOptions, "held">): AgentProcess {
  const log = openLog(projectLayout(project));
  const { argv, env } = agentCommand(project, { ...options, held: true });
  const [program = "", ...args] = argv;
  const agent = spawn(program, args, {
    cwd: project.root,
    env: { ...process.env, ...env },
    detached: true,
    stdio: ["pipe", "pipe", log],
  });
  closeSync(log);
  const failed = new Promise<never>((_, reject) => agent.once("error", reject));
  failed.catch(() => {}); // told when it is to serve
  const { stdin, stdout } = agent;
  if (!stdin || !stdout) throw new Error("expected pipes to the agent's process"); // asked for above
  stdin.on("error", () => {}); // it ended; its answer says why
  let held = true;
  return {
    project,
    target: options.target,
    held: () => held,
    async serve() {
      held = false;
      stdin.end("serve\n");
      let text = "";
      await Promise.race([failed, firstLine(stdout, (chunk) => (text += chunk))]);
      stdout.destroy();
      agent.unref();
      const answer = parseAnswer(text);
      if (answer.ok) return;
      throw new CaissonError(
        answer.code in errorTable ? (answer.code as ErrorCode) : "E_AGENT_LOST",
        answer.message,
        answer.hint === "" ? {} : { hint: answer.hint },
      );
    },
    dismiss() {
      if (!held) return;
      held = false;
      stdin.end();
      stdout.destroy();
      agent.unref();
    },
  };
}

/** Where the agent's last words go. The first thing that is written: a folder that cannot be written shows here. */
function openLog(layout: Layout): number {
  const { stateFolder } = layout;
  try {
    // Before Node makes its cache below one of them, with a mode of its own.
    prepareFolders(layout, process.getuid?.() ?? 0);
    return openSync(join(stateFolder, "agent.log"), "a", 0o600);
  } catch (cause) {
    if (isCaissonError(cause)) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CaissonError("E_AGENT_LOCK", `expected to write in the state folder ${stateFolder}, but got ${why}`, {
      cause,
      ...(errorCode(cause) === "ENOSPC" && { hint: "Free some space there; nothing was started." }),
    });
  }
}

async function firstLine(stream: AsyncIterable<unknown>, add: (chunk: string) => string): Promise<void> {
  for await (const chunk of stream) if (add(String(chunk)).includes("\n")) return;
}

function parseAnswer(text: string): { ok: boolean; code: string; message: string; hint: string } {
  try {
    // Written by agent/main.ts of the same version.
    return JSON.parse(text) as { ok: boolean; code: string; message: string; hint: string };
  } catch {
    return {
      ok: false,
      code: "E_AGENT_LOST",
      message: `the agent ended before it served${text === "" ? "" : `: ${text}`}; see agent.log in the state folder`,
      hint: "",
    };
  }
}
