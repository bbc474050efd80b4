import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test, vi } from "vitest";
import { agentsOf } from "./testing/agents-of.ts";
import { runCli } from "./testing/run-cli.ts";
import { stackFolder } from "./testing/stack-folder.ts";

interface View {
  readonly name: string;
  readonly state: string;
  readonly healthStatus: string;
  readonly urls: readonly string[];
  readonly pids: readonly number[];
}

test("what ran before its agent and its host went away is taken up again as it ran", async () => {
  const cwd = stackFolder();
  await runCli(["secret", "set", "more-key"], { cwd, input: "a key of someone else" });
  const up = ["up", "-d", "--wait", "--profile", "extra", "--set", "greeting=moin"];
  expect(await runCli(up, { cwd })).toMatchObject({ code: 0 });
  const before = await views(cwd);
  await runCli(["stop", "more"], { cwd });
  for (const pid of agentsOf(cwd)) process.kill(pid, "SIGKILL");
  for (const pid of before["api"]?.pids ?? []) process.kill(pid, "SIGKILL");

  await vi.waitFor(async () => {
    const { stdout, stderr } = await runCli(["ps"], { cwd });
    expect(stderr).toBe(
      "the agent of stack demo (dev) is gone: nothing looks after what still runs. `caisson start` takes it up again, `caisson down` ends it\n",
    );
    expect(stdout).toMatch(/api +service +Exited/);
  }, 30_000);
  expect(await runCli(["start", "worker"], { cwd })).toMatchObject({ code: 7 });
  expect(await runCli(["start", "--wait"], { cwd })).toMatchObject({
    code: 0,
    stderr: "taken up again: api, worker\n",
  });

  const after = await views(cwd);
  expect(after["worker"]).toMatchObject({ state: "Running", healthStatus: "Ready", pids: before["worker"]?.pids });
  expect(after["api"]).toMatchObject({ state: "Running", healthStatus: "Ready" });
  expect(after["api"]?.pids).not.toEqual(before["api"]?.pids);
  expect(after["more"]).toMatchObject({ state: "Exited", pids: [] });
  expect(await (await fetch(after["api"]?.urls[0] ?? "")).text()).toBe("moin");
  expect((await runCli(["logs", "setup"], { cwd })).stdout.trim().split("\n")).toHaveLength(1);

  // An `up` that is refused leaves it to be taken up; a `down` does not.
  for (const pid of agentsOf(cwd)) process.kill(pid, "SIGKILL");
  for (const { pids } of Object.values(after)) for (const pid of pids) process.kill(pid, "SIGKILL");
  expect(await runCli(["up", "-d", "--set", "level=none"], { cwd })).not.toMatchObject({ code: 0 });
  expect(await runCli(["start"], { cwd })).toMatchObject({ code: 0, stderr: "taken up again: api, worker\n" });
  await runCli(["down"], { cwd });
  expect(await runCli(["start"], { cwd })).toMatchObject({
    code: 7,
    stderr: expect.stringMatching(/E_NOT_RUNNING.*demo \(dev\)/),
  });
});

test("the host's service manager keeps the agent by the unit that is printed for it", async () => {
  const cwd = stackFolder();
  await runCli(["up", "-d", "--wait"], { cwd });
  const before = await views(cwd);
  const unit = join(cwd, "caisson-demo-dev.service");
  const { code, stdout, stderr } = await runCli(["systemd"], { cwd });
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: expect.stringMatching(/enable --now caisson-demo-dev-[0-9a-f]{6}\.service\n$/),
  });
  writeFileSync(unit, stdout);
  const { stdout: verdict, stderr: complaints, error } = spawnSync("systemd-analyze", ["verify", "--man=no", unit]);
  if (error) console.log("systemd-analyze is not here: the unit is not verified");
  else expect(`${String(verdict)}${String(complaints)}`).toBe("");

  // As a service manager: the line of the unit, no standard input, and nothing of this environment but what it says.
  const start = async () => {
    const agent = spawn("/bin/sh", ["-c", `exec ${/^ExecStart=(.*)$/m.exec(stdout)?.[1]}`], {
      env: Object.fromEntries(
        [...stdout.matchAll(/^Environment="?([^=]*)=(.*?)"?$/gm)].map(([, name, value]) => [name, value]),
      ),
      stdio: ["ignore", "pipe", "inherit"],
    });
    onTestFinished(() => void agent.kill("SIGKILL"));
    const ended = once(agent, "exit");
    const [line] = (await once(createInterface(agent.stdout), "line")) as [string];
    return { agent, ended, answer: JSON.parse(line) as { readonly ok: boolean; readonly code?: string } };
  };
  const first = await start();
  expect(first.answer).toEqual({ ok: true, pid: first.agent.pid });
  expect(pidsOf(await views(cwd))).toEqual(pidsOf(before));
  expect(agentsOf(cwd)).toEqual([first.agent.pid]);

  // A stop of the unit is one of the agent alone, and its next start finds all as it was.
  first.agent.kill("SIGTERM");
  expect(await first.ended).toEqual([0, null]);
  const second = await start();
  expect(pidsOf(await views(cwd))).toEqual(pidsOf(before));

  await runCli(["down"], { cwd });
  expect(await second.ended).toEqual([0, null]);
  const third = await start();
  expect(third.answer).toMatchObject({ ok: false, code: "E_NOT_RUNNING" });
  expect(await third.ended).toEqual([7, null]);
});

async function views(cwd: string): Promise<Readonly<Record<string, View>>> {
  const { stdout } = await runCli(["ps", "--format", "jsonl"], { cwd });
  const all = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as View);
  return Object.fromEntries(all.map((view) => [view.name, view]));
}

function pidsOf(all: Readonly<Record<string, View>>): unknown {
  return Object.fromEntries(Object.values(all).map(({ name, pids }) => [name, pids]));
}
