import { randomInt } from "node:crypto";
import { copyFileSync, existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { resolveStack } from "@caisson/core";
import {
  agentFor,
  connectAgent,
  ensureAgent,
  type AgentClient,
  type AgentEvent,
  type Project,
  type ResourceView,
  type UpRequest,
  type UpResult,
} from "@caisson/runtime";
import { programHashes, relativeModules } from "@caisson/runtime/load";
import { expect } from "vitest";
import { instanceLayout } from "../../../packages/runtime/src/state/layout.ts";
import { readInstance } from "../../../packages/runtime/src/state/instance.ts";
import { readHolder } from "../../../packages/runtime/src/state/lock.ts";
import { findByMarker } from "../../../packages/runtime/src/supervisor/adopt.ts";
import { startLeakCheck } from "../../../packages/runtime/src/supervisor/testing/leaks.ts";
import { until } from "../../../packages/runtime/src/supervisor/testing/scratch.ts";
import { stackOf, type Actor } from "./actors.ts";
import { get } from "./http.ts";

/** A project of its own with a stack of actors, its real agent, and what to do to them. Ends with a check for leaks. */
export interface Stage extends AsyncDisposable {
  readonly root: string;
  readonly project: Project;
  /** Folder of this instance: logs, runs, files. Known from the first `up` on. */
  readonly places: () => ReturnType<typeof instanceLayout>;
  readonly stateFolder: string;
  /** Hands an agent these actors; where none runs it is started, unless `start` is false. Resolves with its last word. */
  up(
    actors: readonly Actor[],
    options?: { readonly start: boolean },
  ): Promise<UpResult & { readonly events: readonly AgentEvent[] }>;
  request(actors: readonly Actor[]): UpRequest;
  agent(): Promise<AgentClient>;
  agentPid(): Promise<number>;
  /** SIGKILL; resolves when it is gone. Everything else runs on. */
  killAgent(): Promise<void>;
  down(force?: boolean): Promise<void>;
  view(name: string): Promise<ResourceView>;
  /** Waits for an event that makes `holds` true of a resource. */
  until(name: string, holds: (view: ResourceView) => boolean): Promise<ResourceView>;
  /** Asks a program of the stack; the answer's JSON. */
  ask<T = unknown>(name: string, path: string): Promise<T>;
  /** Start of each run of an actor: replica, pid, epoch ms. */
  boots(name: string): { readonly replica: number; readonly pid: number; readonly at: number }[];
  /** From its next start on, the actor does this, whatever its configuration says. */
  direct(name: string, does: string): void;
  /** Writes `stack.ts` for the command line. */
  script(actors: readonly Actor[]): void;
  /** Pids of this instance's processes, without the agent. */
  processes(): number[];
  text(file: string): string;
}

export async function openStage(): Promise<Stage> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "caisson-fault-")));
  const firstPort = randomInt(10_000, 19_000);
  const project = { root, stack: "faults", environment: "dev" };
  const layout = agentFor(project);
  const leaks = startLeakCheck("nobody/");
  copyFileSync(fileURLToPath(new URL("actor.mjs", import.meta.url)), join(root, "actor.mjs"));
  writeFileSync(join(root, "package.json"), '{"type":"module"}');

  // Remembered: a test may take the file away.
  let known: string | undefined;
  const instance = (): string | undefined => (known = readInstance(layout.stateFolder)?.instance ?? known);
  const places = (): ReturnType<typeof instanceLayout> => {
    const id = instance();
    if (id === undefined) throw new Error("no agent was started here");
    return instanceLayout(layout, id);
  };
  const processes = (): number[] => {
    const id = instance();
    return id === undefined ? [] : findByMarker(`${id}/`).map(({ pid }) => pid);
  };
  const text = (file: string): string => (existsSync(join(root, file)) ? readFileSync(join(root, file), "utf8") : "");
  const agent = async (): Promise<AgentClient> => {
    const client = await connectAgent(project);
    if (!client) throw new Error("no agent runs");
    return client;
  };
  const view = async (name: string): Promise<ResourceView> => {
    const { resources } = await (await agent()).resources();
    const found = resources.find((each) => each.name === name);
    if (!found) throw new Error(`${name} is not in the stack`);
    return found;
  };
  const down = async (force = false): Promise<void> => {
    for await (const event of (await ensureAgent(project)).agent.down({ volumes: true, force }))
      if (event.type === "error") throw new Error(event.message);
    await until("the agent to end", async () => (await connectAgent(project)) === undefined);
  };

  const stage: Stage = {
    root,
    project,
    places,
    stateFolder: layout.stateFolder,
    processes,
    text,
    agent,
    view,
    down,
    request(actors) {
      const stack = relativeModules(resolveStack(stackOf(root, firstPort, actors)), root);
      return { stack, root, programs: programHashes(stack, root).hashes, only: [], yes: false, allowOvercommit: true };
    },
    async up(actors, { start } = { start: true }) {
      const client = start ? (await ensureAgent(project)).agent : await agent();
      const events: AgentEvent[] = [];
      for await (const event of client.up(stage.request(actors))) {
        events.push(event);
        if (event.type === "error") throw Object.assign(new Error(event.message), { code: event.code });
        if (event.type !== "result") continue;
        instance();
        return { ...event, events };
      }
      throw new Error("`up` ended without a result");
    },
    agentPid: async () => (await (await agent()).info()).pid,
    async killAgent() {
      const pid = await stage.agentPid();
      process.kill(pid, "SIGKILL");
      await until(`agent ${pid} to be gone`, () => !isThere(pid));
    },
    async until(name, holds) {
      const stop = new AbortController();
      const late = setTimeout(() => stop.abort(), 60_000);
      let last: ResourceView | undefined;
      try {
        for await (const event of (await agent()).events(stop.signal)) {
          if (event.type !== "resource" || event.resource.name !== name) continue;
          last = event.resource;
          if (holds(last)) return last;
        }
      } finally {
        clearTimeout(late);
        stop.abort();
      }
      throw new Error(`waited in vain; last of ${name}: ${JSON.stringify(last)}`);
    },
    async ask<T>(name: string, path: string): Promise<T> {
      const { addresses } = await view(name);
      return JSON.parse(await get(`${addresses["http"] ?? ""}${path}`)) as T;
    },
    boots: (name) =>
      text(`${name}.boots`)
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => line.split(" ").map(Number))
        .map(([replica = 0, pid = 0, at = 0]) => ({ replica, pid, at })),
    direct: (name, does) => writeFileSync(join(root, `${name}.does`), does),
    script(actors) {
      const module = new URL("actors.ts", import.meta.url).href;
      const lines = [
        `import { stackOf } from ${JSON.stringify(module)};`,
        `export default stackOf(import.meta.dirname, ${firstPort}, ${JSON.stringify(actors)});`,
      ];
      writeFileSync(join(root, "stack.ts"), `${lines.join("\n")}\n`);
    },
    async [Symbol.asyncDispose]() {
      const folder = instance() === undefined ? undefined : places().folder;
      const left: string[] = [];
      if (folder !== undefined || (await isServed(project)))
        await down(true).catch((error: unknown) => left.push(`it does not go down: ${String(error)}`));
      left.push(...processes().map((pid) => `process ${pid} runs`), ...(await leaks.findLeaks()));
      if (folder !== undefined && folder !== layout.stateFolder && existsSync(folder)) left.push(`${folder} is there`);
      const holder = readHolder(layout.lockFile);
      for (const pid of [...(holder ? [holder.pid] : []), ...processes()]) kill(pid);
      for (const path of [root, layout.socket, ...(folder === undefined ? [] : [folder])])
        rmSync(path, { recursive: true, force: true });
      expect(left, "what is left behind").toEqual([]);
    },
  };
  return stage;
}

async function isServed(project: Project): Promise<boolean> {
  return (await connectAgent(project).catch(() => undefined)) !== undefined;
}

/** Ends a process; one that has ended meanwhile, as of a parent that was ended before it, is as good. */
export function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

function isThere(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, "latin1").includes(") Z ");
  } catch {
    return false;
  }
}
