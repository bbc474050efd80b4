import { expect, test } from "vitest";
import { podFolder } from "./testing/pod-folder.ts";
import { runCli } from "./testing/run-cli.ts";

/** What the test reads of `ps --format json`. */
interface Shown {
  readonly name: string;
  readonly state: string;
  readonly addresses: Readonly<Record<string, string>>;
}

test(
  "as processes the members of a pod run side by side, each a resource of its own",
  { timeout: 120_000 },
  async () => {
    const cwd = podFolder("pods");
    const run = (...args: string[]) => runCli(args, { cwd });
    const up = await run("up", "-d", "--wait");
    expect(up).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("the limits of pod core hold in containers only: its members run without"),
    });
    const shown = async (): Promise<readonly Shown[]> =>
      (JSON.parse((await run("ps", "--format", "json")).stdout) as { resources: Shown[] }).resources;
    const resources = await shown();
    expect(resources.map(({ name }) => name)).toEqual(["users", "gateway", "outside"]);
    const address = (name: string): string => resources.find((each) => each.name === name)?.addresses["http"] ?? "";
    expect(await (await fetch(address("outside"))).json()).toMatchObject({
      name: "outside",
      url: address("gateway"),
      said: { name: "gateway", url: address("users"), said: { name: "users" } },
    });
    expect(await run("restart", "users")).toMatchObject({ code: 0 });
    // By its pod's name all of them are meant.
    expect(await run("down")).toMatchObject({ code: 0 });
    expect(await run("up", "-d", "core")).toMatchObject({ code: 0 });
    const running = (await shown()).filter(({ state }) => state === "Running").map(({ name }) => name);
    expect(running.toSorted()).toEqual(["gateway", "users"]);
  },
);
