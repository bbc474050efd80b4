import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { CaissonError, errorTable, isCaissonError, type ErrorCode } from "@caisson/core/errors";
import type { Layout } from "../state/layout.ts";
import { prepareFolders } from "../state/prepare-folders.ts";
import { protocolVersion, type AgentInfo } from "../agent/protocol.ts";
import type { TargetName } from "../target/target.ts";
import { projectLayout } from "./project-layout.ts";
import type { Project } from "./project.ts";
import { agentClient, type AgentClient } from "./client.ts";
import { untilGone } from "./until-gone.ts";

/** The agent of a project, or `undefined` when none runs. One that is just ending is waited for. */
export async function connectAgent(project: Project): Promise<AgentClient | undefined> {
  return (await findAgent(project))?.agent;
}

async function findAgent(
  project: Project,
): Promise<{ readonly agent: AgentClient; readonly info: AgentInfo } | undefined> {
  const { socket } = projectLayout(project);
  for (const start = performance.now(); existsSync(socket);) {
    const agent = agentClient(socket);
    try {
      return { agent, info: await agent.info() };
    } catch (error) {
      // A socket file without a listener is what a killed agent leaves.
      if (hasCode(error, "E_NOT_RUNNING")) return undefined;
      if (!hasCode(error, "E_AGENT_LOST") || performance.now() - start > patienceMs) throw error;
      await delay(retryMs);
    }
  }
  return undefined;
}

/** `ran`: an agent was there already; else it was started now. */
export interface EnsuredAgent {
  readonly agent: AgentClient;
  readonly ran: boolean;
}

/**
 * The agent of a project; started when none runs, replaced (its children stay) when it speaks an older protocol. Where
 * another command starts one at the same moment, that one.
 */
export async function ensureAgent(project: Project, target?: TargetName): Promise<EnsuredAgent> {
  for (const start = performance.now(); ;) {
    try {
      return await ensureOnce(project, target);
    } catch (error) {
      if (!hasCode(error, "E_AGENT_RUNNING") || performance.now() - start > patienceMs) throw error;
      await delay(retryMs);
    }
  }
}

const patienceMs = 5000;
const retryMs = 50;

async function ensureOnce(project: Project, target: TargetName | undefined): Promise<EnsuredAgent> {
  const found = await findAgent(project);
  if (found) {
    const { protocol, target: current } = found.info;
    if (target !== undefined && current !== target)
      throw new CaissonError("E_TARGET", `the stack runs on ${current}; expected ${current}, got ${target}`);
    if (protocol === protocolVersion) return { agent: found.agent, ran: true };
    if (protocol > protocolVersion)
      throw new CaissonError(
        "E_AGENT_REQUEST",
        `the running agent speaks protocol ${protocol}, this command ${protocolVersion}; use the newer caisson`,
      );
    await found.agent.replace();
    await untilGone(found.agent, "the older agent");
  }
  await startAgentProcess(project, target);
  return { agent: agentClient(projectLayout(project).socket), ran: found !== undefined };
}

function hasCode(error: unknown, code: ErrorCode): boolean {
  return isCaissonError(error) && error.code === code;
}

/**
 * What keeps an idle agent small, at little cost to one that works: a small young generation, one of V8's three optimising
 * tiers less and one helper thread instead of four, and the memory of an `up` given back after it (see `memory-rest.ts`).
 */
const smallIdle = ["--max-semi-space-size=1", "--no-maglev", "--v8-pool-size=1", "--expose-gc"] as const;

/** Starts the agent in a session of its own and waits for its one line. */
async function startAgentProcess({ root, stack, environment }: Project, target: TargetName | undefined): Promise<void> {
  const layout = projectLayout({ root, stack, environment });
  const { compileCache } = layout;
  const log = openLog(layout);
  const main = fileURLToPath(
    new URL(`../agent/main${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url),
  );
  const agent = spawn(
    process.execPath,
    [
      ...smallIdle,
      main,
      "--root",
      root,
      "--stack",
      stack,
      "--environment",
      environment,
      ...(target === undefined ? [] : ["--target", target]),
    ],
    {
      cwd: root,
      // One arena: threads that each allocate from their own keep more than they use.
      env: { ...process.env, NODE_COMPILE_CACHE: compileCache, MALLOC_ARENA_MAX: "1" },
      detached: true,
      stdio: ["ignore", "pipe", log],
    },
  );
  closeSync(log);
  let text = "";
  const failed = new Promise<never>((_, reject) => agent.once("error", reject));
  await Promise.race([failed, firstLine(agent.stdout, (chunk) => (text += chunk))]);
  agent.stdout?.destroy();
  agent.unref();
  const answer = parseAnswer(text);
  if (answer.ok) return;
  throw new CaissonError(
    answer.code in errorTable ? (answer.code as ErrorCode) : "E_AGENT_LOST",
    answer.message,
    answer.hint === "" ? {} : { hint: answer.hint },
  );
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
    });
  }
}

async function firstLine(stream: AsyncIterable<unknown> | null, add: (chunk: string) => string): Promise<void> {
  for await (const chunk of stream ?? []) if (add(String(chunk)).includes("\n")) return;
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
