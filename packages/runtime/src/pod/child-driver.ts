import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import type { Writable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import type { Exit } from "@caisson/core/run";
import type { Driver } from "../drivers/driver.ts";
import { insist } from "../drivers/process/insist.ts";
import { findByMarker } from "../supervisor/adopt.ts";
import { isAlive, listProcesses } from "../supervisor/proc.ts";
import { signalProcess } from "../supervisor/family.ts";
import { markerVariable } from "../supervisor/run.ts";
import { spawnError } from "../supervisor/spawn-error.ts";
import { prefixLines } from "./prefix-lines.ts";

/** Where the members of a pod write. */
export interface Output {
  readonly stdout: Writable;
  readonly stderr: Writable;
}

/** A child that runs. */
interface Child {
  readonly process: ChildProcess;
  readonly exit: Promise<Exit>;
}

/**
 * Runs programs as children of this very process, which is all that its container has: nothing is adopted, for nothing
 * outlives it. Each line they write gets its member's name.
 */
export function childDriver(output: Output): Driver {
  const children = new Map<string, Child>();
  return {
    name: "child",
    capabilities: { sharedPorts: false, limits: false },
    async spawn({ resource }, spec) {
      const [program = "", ...argv] = spec.argv;
      // A component's is a folder of its own, in memory.
      mkdirSync(spec.cwd, { recursive: true });
      const child = spawn(program, argv, {
        cwd: spec.cwd,
        // Leads a session: what it starts is known by that where it writes over its environment, as nginx does for its title.
        detached: true,
        env: { ...spec.env, [markerVariable]: spec.marker },
        stdio: ["ignore", "pipe", "pipe"],
      });
      for (const stream of ["stdout", "stderr"] as const) {
        const lines = prefixLines(resource);
        lines.pipe(output[stream], { end: false });
        // One that is taken from its writer closes without an end: what it had begun is written too.
        child[stream]?.once("close", () => lines.end()).pipe(lines);
      }
      try {
        await once(child, "spawn");
      } catch (error) {
        throw spawnError(error, { ...spec, runDir: spec.runFolder });
      }
      children.set(spec.marker, { process: child, exit: ended(child, spec.marker) });
      return { driver: "child", marker: spec.marker, pid: child.pid ?? null, data: null };
    },
    async ended({ marker }) {
      const exit = await children.get(marker)?.exit;
      children.delete(marker);
      return exit ?? { code: null, signal: null, oom: false };
    },
    async signal({ marker }, signal) {
      children.get(marker)?.process.kill(signal);
    },
    async kill({ marker }) {
      const child = children.get(marker);
      child?.process.kill("SIGKILL");
      await killAll(marker, child?.process.pid);
    },
    adopt: async () => ({ found: "lost" }),
    sweep: async () => 0,
    close: () => undefined,
  };
}

/** How long what a program wrote is waited for after its end, in milliseconds: what it wrote itself is there by then. */
const outputWithinMs = 1000;

/**
 * Resolves when the program and all that is known to be its own have ended, and what they wrote was taken. What else it left
 * and holds its output (a child with another environment) keeps nobody from knowing: the output is taken from it.
 */
async function ended(child: ChildProcess, marker: string): Promise<Exit> {
  const closed = once(child, "close");
  const [code, signal] = (await once(child, "exit")) as [number | null, string | null];
  await killAll(marker, child.pid);
  await Promise.race([closed, delay(outputWithinMs, undefined, { ref: false })]);
  for (const stream of [child.stdout, child.stderr]) stream?.destroy();
  return { code, signal, oom: false };
}

/**
 * All that bear a marker, or are in the session of its run (the id of its leader), until a look finds none: what forks
 * meanwhile is met at the next. Ids are given in sequence: one that was just freed is nobody else's yet.
 */
async function killAll(marker: string, session: number | undefined): Promise<void> {
  for (;;) {
    const alive = await insist(async () => [
      ...findByMarker(marker).filter((each) => each.marker === marker),
      ...listProcesses().filter((each) => each.session === session && isAlive(each)),
    ]);
    if (alive.length === 0) return;
    for (const each of alive) signalProcess(each, "SIGKILL");
    await delay(5);
  }
}
