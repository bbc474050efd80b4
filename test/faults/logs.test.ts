import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readProcess } from "../../packages/runtime/src/supervisor/proc.ts";
import { until } from "../../packages/runtime/src/supervisor/testing/scratch.ts";
import { cli } from "./testing/cli.ts";
import { openStage, type Stage } from "./testing/stage.ts";

const say = (text: string | Buffer): string => `/say?${Buffer.from(text).toString("base64url")}`;

/** Bytes on disk of an actor's log, the rotated part included. */
function sizeOf(stage: Stage, name: string): number {
  const file = join(stage.places().logs, `${name}.0.log`);
  return [file, `${file}.1`].reduce((sum, path) => sum + (existsSync(path) ? statSync(path).size : 0), 0);
}

describe("a program that logs", () => {
  it("100 MB at once: it is not held up, disk and memory stay bounded, the newest lines are there", async () => {
    await using stage = await openStage();
    await stage.up([{ name: "loud" }, { name: "quiet" }]);
    const agent = await stage.agentPid();
    let most = 0;
    const watching = setInterval(() => (most = Math.max(most, readProcess(agent)?.rssBytes ?? 0)), 20);
    // What would wait for a reader would wait for ever: nobody reads.
    await stage.ask("loud", "/flood?100");
    await stage.ask("loud", say("the last line\n"));
    await until("the quota to hold", () => sizeOf(stage, "loud") < 45e6);
    clearInterval(watching);
    expect(most).toBeLessThan(300e6);
    await until("the last line", async () =>
      (await (await stage.agent()).tail("loud")).lines.at(-1)?.includes("the last line"),
    );
    expect(await stage.view("quiet")).toMatchObject({ health: "Ready", restarts: 0 });
  });

  it("a line of 10 MB, and bytes that are no text: read in pieces, nothing breaks", async () => {
    await using stage = await openStage();
    await stage.up([{ name: "odd" }]);
    await stage.ask("odd", "/line?10");
    await stage.ask("odd", say(Buffer.from([0, 1, 255, 254, 10])));
    await stage.ask("odd", say("after\n"));
    const pieces: string[] = [];
    for await (const { line, partial } of (await stage.agent()).logs({ resources: ["odd"], since: 0, follow: false }))
      pieces.push(`${line}${partial ? "" : "\n"}`);
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThanOrEqual((64 << 10) + 1);
    const lines = pieces.join("").split("\n");
    expect(lines.map((line) => (line.startsWith("yyy") ? line.length : line))).toEqual([
      "odd 1 says ",
      10 * 2 ** 20,
      "\0\u0001\uFFFD\uFFFD",
      "after",
      "",
    ]);
  });
});

describe("a reader of logs", () => {
  it("that is slow keeps nobody up; what it missed is told", async () => {
    await using stage = await openStage();
    await stage.up([{ name: "loud" }]);
    const agent = await stage.agent();
    const stop = new AbortController();
    const lines = agent.logs({ resources: ["loud"], tail: 0, follow: true }, stop.signal)[Symbol.asyncIterator]();
    const first = lines.next();
    await stage.ask("loud", say("first\n"));
    expect((await first).value).toMatchObject({ line: "first" });
    // It takes nothing while more goes by than is kept.
    await stage.ask("loud", "/flood?60");
    await until("the quota to hold", () => sizeOf(stage, "loud") < 45e6);
    await stage.ask("loud", say("at last\n"));
    const seen: string[] = [];
    for (let line = await lines.next(); line.done !== true; line = await lines.next()) {
      if (!line.value.line.startsWith("xxx")) seen.push(line.value.line);
      if (line.value.line.includes("at last")) break;
    }
    stop.abort();
    expect(seen.at(-1)).toContain("at last");
    expect(seen.some((line) => /^\[\d+ bytes are gone/.test(line))).toBe(true);
  });

  it("that goes away (a closed pipe) is no error to anybody", async () => {
    await using stage = await openStage();
    stage.script([{ name: "web" }]);
    await stage.up([{ name: "web" }]);
    const reader = cli(stage, ["-f", "stack.ts", "logs", "-f", "web"]);
    await reader.says(/web 1 says/);
    reader.child.stdout?.destroy();
    await stage.ask("web", "/flood?1");
    const { code, stderr } = await reader.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(await stage.view("web")).toMatchObject({ health: "Ready", restarts: 0 });
  });
});
