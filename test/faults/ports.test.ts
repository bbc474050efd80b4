import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { openStage, type Stage } from "./testing/stage.ts";

/** Another program that listens, in this process. */
async function listener(port = 0): Promise<{ port: number; server: Server } & AsyncDisposable> {
  const server = createServer().listen(port, "127.0.0.1");
  await once(server, "listening");
  const close = async (): Promise<void> => void (await new Promise((resolve) => server.close(resolve)));
  // What listen(0, host) gives is an address, not a path.
  return { server, port: (server.address() as AddressInfo).port, [Symbol.asyncDispose]: close };
}

const portOf = async (stage: Stage, name: string): Promise<number> =>
  Number((await stage.view(name)).addresses["http"]?.split(":").at(-1));

const notesOf = (events: Awaited<ReturnType<Stage["up"]>>["events"]): string =>
  events.flatMap((event) => (event.type === "plan" ? event.notes : [])).join("\n");

describe("a port that is in use", () => {
  it("by another program: moved, and said by whom, and stays there", async () => {
    await using stage = await openStage();
    await using other = await listener();
    const actors = [{ name: "web", port: other.port }];
    const result = await stage.up(actors);
    const moved = await portOf(stage, "web");
    expect(moved).not.toBe(other.port);
    expect(notesOf(result.events)).toMatch(
      new RegExp(`port ${other.port} is now ${moved}: node.* \\(pid ${process.pid}\\) has it`),
    );
    expect(await stage.ask("web", "/")).toMatchObject({ name: "web" });
    // It stays where it is while it runs, and for the next start too.
    expect(await stage.up(actors)).toMatchObject({ ok: true, changed: [] });
    await stage.killAgent();
    expect(await stage.up(actors)).toMatchObject({ ok: true, changed: [] });
    expect(await portOf(stage, "web")).toBe(moved);
  });

  it("by another program, and fixed: refused, naming whose it is; nothing is started", async () => {
    await using stage = await openStage();
    await using other = await listener();
    await expect(stage.up([{ name: "web", port: other.port, fixed: true }])).rejects.toMatchObject({
      code: "E_PORT_TAKEN",
      message: expect.stringContaining(`(pid ${process.pid}) has it`),
    });
    expect(stage.processes()).toEqual([]);
  });

  it("by another stack of ours: moved, and said so", async () => {
    await using one = await openStage();
    await using two = await openStage();
    const port = await freePort();
    await one.up([{ name: "web", port }]);
    const result = await two.up([{ name: "web", port }]);
    expect(notesOf(result.events)).toMatch(
      new RegExp(
        `port ${port} is now \\d+: another stack \\(its web/http, agent pid ${await one.agentPid()}\\) has it`,
      ),
    );
    expect(await two.ask("web", "/")).toMatchObject({ name: "web" });
    expect(await one.ask("web", "/")).toMatchObject({ name: "web" });
  });

  it("edited while its resource runs: the next `up` moves it there, and a plan says so; a removed one is free", async () => {
    await using stage = await openStage();
    await using other = await openStage();
    const [first, second] = [await freePort(), await freePort()];
    const keeper = { name: "keeper" } as const;
    await stage.up([keeper, { name: "web", port: first }]);
    const edited = [keeper, { name: "web", port: second }];
    expect((await (await stage.agent()).plan(stage.request(edited))).text).toMatch(/web/);
    expect(await portOf(stage, "web")).toBe(first);
    expect(await stage.up(edited)).toMatchObject({ ok: true, changed: ["web"] });
    expect(await portOf(stage, "web")).toBe(second);
    expect(await stage.ask("web", "/")).toMatchObject({ name: "web" });
    expect(await stage.up(edited)).toMatchObject({ ok: true, changed: [] });

    expect(await stage.up([keeper])).toMatchObject({ ok: true });
    const result = await other.up([{ name: "web", port: second }]);
    expect(notesOf(result.events)).toBe("");
    expect(await portOf(other, "web")).toBe(second);
  });

  it("taken between two starts: no tight loop, and the next `up` finds another", async () => {
    await using stage = await openStage();
    const actors = [{ name: "web", after: [] }];
    await stage.up(actors);
    const port = await portOf(stage, "web");
    await (await stage.agent()).act("web", "stop");
    await stage.until("web", ({ state }) => state === "Exited");
    await using _ = await listener(port);
    await (await stage.agent()).act("web", "start");
    const view = await stage.until("web", ({ state }) => state === "CrashLoop");
    // Each start after the delay of its crash; the delays are crashes.test.ts's.
    expect(view).toMatchObject({
      exitCode: 1,
      detail: expect.stringMatching(/^crashed \d+ times in a row, .* tried again in 0\.[678] s$/),
    });
    expect((await (await stage.agent()).tail("web")).lines).toContain(`Error: EADDRINUSE listen ${port}`);
    expect(await stage.up(actors)).toMatchObject({ ok: true, changed: ["web"] });
    expect(await portOf(stage, "web")).not.toBe(port);
    expect(await stage.ask("web", "/")).toMatchObject({ name: "web" });
  });
});

async function freePort(): Promise<number> {
  await using found = await listener();
  return found.port;
}
