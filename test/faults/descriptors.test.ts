import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { agentFor } from "@caisson/runtime";
import { until } from "../../packages/runtime/src/supervisor/testing/scratch.ts";
import { openStage, type Stage } from "./testing/stage.ts";

const main = fileURLToPath(new URL("../../packages/runtime/src/agent/main.ts", import.meta.url));

/** An agent that may have this many descriptors. */
async function startPoorAgent({ root, project, stateFolder }: Stage, limit: number): Promise<void> {
  mkdirSync(stateFolder, { recursive: true, mode: 0o700 });
  const argv = [main, "--root", root, "--stack", project.stack, "--environment", project.environment, "--held"];
  const agent = spawn("/bin/sh", ["-c", `ulimit -n ${limit}; exec "$@"`, "sh", process.execPath, ...argv], {
    stdio: ["pipe", "pipe", "inherit"],
    detached: true,
  });
  agent.stdin.end("serve\n");
  expect(String((await once(agent.stdout, "data"))[0])).toContain('"ok":true');
  agent.stdout.destroy();
  agent.unref();
}

it("an agent without a descriptor left: what ends is not lost, and all is well when there are some again", async () => {
  await using stage = await openStage();
  await startPoorAgent(stage, 96);
  await stage.up([{ name: "a" }, { name: "b" }, { name: "deaf", does: "ignore-term", graceMs: 1500 }]);
  const addresses = await Promise.all(["a", "b"].map(async (name) => (await stage.view(name)).addresses["http"] ?? ""));
  // Its grace ends when nothing can be looked at.
  await (await stage.agent()).act("deaf", "stop");
  const stopped = performance.now();
  const hogs: Socket[] = [];
  try {
    // Every connection to the agent takes one of its descriptors.
    for (let count = 0; count < 96; count++) {
      const hog = connect(agentFor(stage.project).socket);
      hog.on("error", () => {});
      hogs.push(hog);
      await once(hog, "connect");
    }
    await Promise.all(addresses.map((url) => fetch(`${url}/exit?5`)));
    await until("both to end", () => stage.processes().length < 6);
    await until("the grace to be over", () => performance.now() - stopped > 2500);
  } finally {
    for (const hog of hogs) hog.destroy();
  }
  // Of what was started once more while there was no descriptor, the last end is a start that failed, which has no exit.
  for (const name of ["a", "b"]) await stage.until(name, (view) => view.health === "Ready" && view.restarts >= 1);
  expect(await stage.until("deaf", ({ state }) => state === "Exited")).toMatchObject({ exit: { signal: "SIGKILL" } });
  expect(stage.text("overlaps")).toBe("");
  expect(stage.processes()).toHaveLength(4);
});
