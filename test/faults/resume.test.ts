import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { agentCommand, resumeAgent } from "@caisson/runtime";
import { expect, it } from "vitest";
import { until } from "../../packages/runtime/src/supervisor/testing/scratch.ts";
import { openStage, type Stage } from "./testing/stage.ts";

/** As if the host had lost its power. */
async function powerCut(stage: Stage): Promise<void> {
  await stage.killAgent();
  for (const pid of stage.processes()) process.kill(pid, "SIGKILL");
  await until("all to be gone", () => stage.processes().length === 0);
}

it("what served serves again: not the version that failed, nor a job that did", async () => {
  await using stage = await openStage();
  const web = { name: "web", shared: true, replicas: 2 } as const;
  const broken = { name: "broken", kind: "job", does: "exit=125" } as const;
  await stage.up([web]);
  expect(await stage.up([{ ...web, version: "2", does: "exit=125" }, broken])).toMatchObject({ ok: false });
  const tried = stage.boots("broken").length;
  await powerCut(stage);
  await resumeAgent(stage.project);
  await stage.until("web", (view) => view.replicas.ready === 2);
  expect(await stage.ask("web", "/")).toMatchObject({ version: "1" });
  expect(await stage.view("broken")).toMatchObject({ state: "Failed" });
  expect(stage.boots("broken")).toHaveLength(tried);
});

it("a port that somebody else has by now is not shared with him", async () => {
  await using stage = await openStage();
  await stage.up([{ name: "web", shared: true }, { name: "other" }]);
  const [web, other] = await Promise.all(["web", "other"].map((name) => stage.view(name)));
  const { port, hostname } = new URL(web?.addresses["http"] ?? "");
  await powerCut(stage);
  const squatter = createServer().listen({ port: Number(port), host: hostname, reusePort: true });
  await once(squatter, "listening");
  try {
    await resumeAgent(stage.project);
    const moved = await stage.until("web", (view) => view.health === "Ready");
    expect(moved.addresses["http"]).not.toBe(web?.addresses["http"]);
    expect(await stage.ask("web", "/")).toMatchObject({ name: "web" });
    expect(await stage.until("other", (view) => view.health === "Ready")).toMatchObject({
      addresses: other?.addresses,
    });
  } finally {
    squatter.close();
  }
});

it("an agent that the host starts takes over from another when its `up` has come to its end", async () => {
  await using stage = await openStage();
  const going = stage.up([
    { name: "slow", does: "never-ready" },
    { name: "late", after: ["slow"] },
  ]);
  await until("the first agent", () => stage.agentPid().then(Boolean, () => false));
  await stage.until("slow", (view) => view.pids.length === 1);
  const first = await stage.agentPid();
  const { argv, env } = agentCommand(stage.project, { resume: true });
  const [program = "", ...args] = argv;
  const second = spawn(program, args, { cwd: stage.root, env: { ...process.env, ...env }, stdio: "ignore" });
  const ended = once(second, "exit");
  try {
    // Long enough for it to have asked.
    await delay(2000);
    expect(await (await stage.agent()).info()).toMatchObject({ busy: true, pid: first });
    await stage.ask("slow", "/ready?yes");
    expect(await going).toMatchObject({ ok: true });
    await until("the second to serve", () =>
      stage.agentPid().then(
        (pid) => pid === second.pid,
        () => false,
      ),
    );
    expect(await stage.view("late")).toMatchObject({ state: "Running", restarts: 0 });
    expect(stage.boots("late")).toHaveLength(1);
    await stage.down();
    expect(await ended).toEqual([0, null]);
  } finally {
    second.kill("SIGKILL");
  }
});
