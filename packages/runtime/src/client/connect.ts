import { existsSync } from "node:fs";
import { setImmediate as immediate, setTimeout as delay } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { CaissonError, isCaissonError, type ErrorCode } from "@caisson/core/errors";
import { protocolVersion, type AgentInfo } from "../agent/protocol.ts";
import type { TargetName } from "../target/target.ts";
import type { AgentOptions } from "./agent-command.ts";
import type { AgentProcess } from "./agent-process.ts";
import { projectLayout } from "./project-layout.ts";
import type { Project } from "./project.ts";
import { agentClient, type AgentClient } from "./client.ts";
import { untilGone } from "./until-gone.ts";

/** The agent of a project, or `undefined` when none runs. One that is just ending is waited for. */
export async function connectAgent(project: Project): Promise<AgentClient | undefined> {
  return (await findAgent(project))?.agent;
}

interface FoundAgent {
  readonly agent: AgentClient;
  readonly info: AgentInfo;
}

async function findAgent(project: Project): Promise<FoundAgent | undefined> {
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

/** What a command did about an agent before it knew for certain whose it needs; see {@link earlyAgent}. */
export interface EarlyAgent {
  readonly project: Project;
  readonly target: TargetName | undefined;
  /** The one that runs, once it answered. */
  readonly found: Promise<FoundAgent | undefined>;
  /** Of one to be, where none runs. */
  readonly process: AgentProcess | undefined;
  /** To be called at the end: ends a process that was not taken. */
  dismiss(): void;
}

/**
 * Asks the agent of a project who it is, or starts the process of one to be, and returns while that goes on. `undefined`
 * where neither is worth it: nothing ever ran there.
 */
export async function earlyAgent(project: Project, target: TargetName | undefined): Promise<EarlyAgent | undefined> {
  const { socket, stateFolder } = projectLayout(project);
  if (!existsSync(stateFolder)) return undefined;
  if (!existsSync(socket)) {
    const process = await spawnAgent(project, { target });
    return { project, target, found: Promise.resolve(undefined), process, dismiss: () => process.dismiss() };
  }
  const found = findAgent(project);
  found.catch(() => {}); // told of when it is waited for
  await immediate(); // the question is out before the caller works on
  return { project, target, found, process: undefined, dismiss: () => {} };
}

async function spawnAgent(project: Project, options: Omit<AgentOptions, "held">): Promise<AgentProcess> {
  // Loaded now: who finds an agent that runs has no use for it.
  return (await import("./agent-process.ts")).spawnAgent(project, options);
}

/** `ran`: an agent was there already; else it was started now. */
export interface EnsuredAgent {
  readonly agent: AgentClient;
  readonly ran: boolean;
}

/**
 * The agent of a project; started when none runs, replaced (its children stay) when it speaks an older protocol. Where
 * another command starts one at the same moment, that one. `early` is taken where it is this project's.
 */
export async function ensureAgent(project: Project, target?: TargetName, early?: EarlyAgent): Promise<EnsuredAgent> {
  const ours = isDeepStrictEqual([early?.project, early?.target], [project, target]) ? early : undefined;
  let found = ours?.found ?? findAgent(project);
  for (const start = performance.now(); ;) {
    try {
      return await ensureOnce(project, target, await found, ours?.process);
    } catch (error) {
      if (!hasCode(error, "E_AGENT_RUNNING") || performance.now() - start > patienceMs) throw error;
      await delay(retryMs);
      found = findAgent(project);
    }
  }
}

const patienceMs = 5000;
const retryMs = 50;

async function ensureOnce(
  project: Project,
  target: TargetName | undefined,
  found: FoundAgent | undefined,
  process: AgentProcess | undefined,
): Promise<EnsuredAgent> {
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
    await replace(found.agent);
  }
  await (process?.held() === true ? process : await spawnAgent(project, { target })).serve();
  return { agent: agentClient(projectLayout(project).socket), ran: found !== undefined };
}

/** Ends an agent; what it looks after goes on, for the next one to take over. */
async function replace(agent: AgentClient): Promise<void> {
  await agent.replace();
  await untilGone(agent, "the older agent");
}

/**
 * Starts an agent in the place of the one that runs, where one does; an `up` or `down` under way, and a foreground `up`, come
 * to their end first. What ends lets go of its lock a little later.
 */
export async function takeOver<T>(project: Project, start: () => Promise<T>): Promise<T> {
  for (let begun = performance.now(); ;) {
    const found = await findAgent(project);
    if (found?.info.busy === true || found?.info.leased === true) {
      await delay(retryMs);
      begun = performance.now();
      continue;
    }
    if (found) await replaceIfThere(found.agent);
    try {
      return await start();
    } catch (error) {
      if (!hasCode(error, "E_AGENT_RUNNING") || performance.now() - begun > patienceMs) throw error;
      await delay(retryMs);
    }
  }
}

/** It may end by itself before it is asked to. */
async function replaceIfThere(agent: AgentClient): Promise<void> {
  try {
    await replace(agent);
  } catch (error) {
    if (!hasCode(error, "E_NOT_RUNNING")) throw error;
  }
}

/**
 * Starts an agent that takes up again what ran when the host or the agent before it went away, as it ran: profiles,
 * parameters and numbers of replicas are those of the last `up`, and what was stopped by hand stays so. `undefined` where
 * nothing ever ran. Throws E_NOT_RUNNING where the stack was taken down.
 */
export async function resumeAgent(project: Project): Promise<AgentClient | undefined> {
  const { socket, stateFile } = projectLayout(project);
  if (!existsSync(stateFile)) return undefined;
  for (const begun = performance.now(); ;) {
    try {
      await (await spawnAgent(project, { resume: true })).serve();
      return agentClient(socket);
    } catch (error) {
      // Another command starts one at the same moment, or one is just ending.
      if (!hasCode(error, "E_AGENT_RUNNING") || performance.now() - begun > patienceMs) throw error;
      await delay(retryMs);
      const agent = await connectAgent(project);
      if (agent !== undefined) return agent;
    }
  }
}

function hasCode(error: unknown, code: ErrorCode): boolean {
  return isCaissonError(error) && error.code === code;
}
