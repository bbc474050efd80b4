import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { agentFor, ensureAgent } from "@caisson/runtime";
import { openStage, type Stage } from "./testing/stage.ts";

const main = fileURLToPath(new URL("../../packages/runtime/src/agent/main.ts", import.meta.url));

describe("two agents of one stack", () => {
  it("the second ends with an error that names the first, which goes on", async () => {
    await using stage = await openStage();
    await stage.up([{ name: "web" }]);
    const pid = await stage.agentPid();
    const second = await startSecond(stage);
    expect(second).toMatchObject({ code: 1 });
    expect(JSON.parse(second.stdout)).toMatchObject({
      ok: false,
      code: "E_AGENT_RUNNING",
      message: expect.stringContaining(`process ${pid} already runs this stack`),
    });
    expect(await stage.agentPid()).toBe(pid);
    expect(stage.boots("web")).toHaveLength(1);
  });

  it("commands that come at the same moment share one", async () => {
    await using stage = await openStage();
    const agents = await Promise.all([1, 2, 3].map(() => ensureAgent(stage.project)));
    const pids = await Promise.all(agents.map(async ({ agent }) => (await agent.info()).pid));
    expect(new Set(pids).size).toBe(1);
    const results = await Promise.all([1, 2].map(() => stage.up([{ name: "web" }])));
    expect(results.map(({ ok }) => ok)).toEqual([true, true]);
    expect(stage.boots("web")).toHaveLength(1);
  });

  it("a lock whose holder is dead is no lock, whatever pid it names", async () => {
    await using stage = await openStage();
    await stage.up([{ name: "web" }]);
    await stage.killAgent();
    const { lockFile, socket } = agentFor(stage.project);
    writeFileSync(join(`${lockFile}.json`), JSON.stringify({ pid: process.pid, startTime: "never", socket }));
    expect(await stage.up([{ name: "web" }])).toMatchObject({ ok: true, changed: [] });
    expect(stage.boots("web")).toHaveLength(1);
  });
});

async function startSecond({ root, project }: Stage): Promise<{ code: number; stdout: string }> {
  const argv = [main, "--root", root, "--stack", project.stack, "--environment", project.environment, "--held"];
  try {
    const ended = promisify(execFile)(process.execPath, argv);
    ended.child.stdin?.end("serve\n");
    const { stdout } = await ended;
    return { code: 0, stdout };
  } catch (error) {
    return error as { code: number; stdout: string }; // what execFile rejects with
  }
}
