import Docker from "dockerode";
import { describe, expect, onTestFinished, test } from "vitest";
import { agentsOf } from "./testing/agents-of.ts";
import { runCli } from "./testing/run-cli.ts";
import { stackFolder } from "./testing/stack-folder.ts";
import { until } from "./testing/until.ts";
import { withoutImages } from "./testing/without-images.ts";

/** What the test reads of `ps --format json`. */
interface Shown {
  readonly name: string;
  readonly restarts: number;
  readonly healthStatus: string;
}

const docker = new Docker();
const missing = await withoutImages("node:24.21.0-trixie-slim", "postgres:18.6-trixie", "valkey/valkey:9.1.4-trixie");

const stack = `
import { defineStack, postgres, redis } from "@caisson/core";
export default defineStack("stores-NUMBER", [
  postgres("postgres", { database: "shop" }),
  redis("redis", { role: "store" }),
]);
`;

describe.skipIf(missing !== "")(`on a Docker Engine${missing && ` (skipped: ${missing})`}`, () => {
  test("a stack comes up, recovers, keeps its data, and goes without a trace", { timeout: 300_000 }, async () => {
    const name = `stores-${process.pid}`;
    // After the stack was taken down.
    onTestFinished(async () => {
      for (const { Id } of await containers()) await docker.getContainer(Id).remove({ force: true });
      for (const { Id } of await docker.listImages({ filters: { reference: [`caisson/${name}`] } }))
        await docker.getImage(Id).remove({ force: true });
    });
    const cwd = stackFolder({ "stack.ts": stack.replace("NUMBER", String(process.pid)) });
    const run = (...args: string[]) => runCli(args, { cwd });
    const sql = (text: string) => runCli(["sql", "postgres"], { cwd, input: text });
    const views = async (): Promise<Shown[]> =>
      (JSON.parse((await run("ps", "--format", "json")).stdout) as { resources: Shown[] }).resources;
    const containers = () => docker.listContainers({ all: true, filters: { label: [`caisson.stack=${name}`] } });

    expect(await run("up", "-d", "--target", "docker")).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/E_IMAGE[^]*caisson build/),
    });
    expect(await run("build")).toMatchObject({ code: 0 });
    expect(await run("up", "--wait", "--target", "docker")).toMatchObject({ code: 0 });
    expect(await run("up", "-d", "--target", "process")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("E_TARGET"),
    });
    expect(await run("plan")).toMatchObject({ code: 0, stdout: expect.stringContaining("nothing to do") });

    for (const { Id } of await containers()) {
      const { Config, HostConfig, State } = await docker.getContainer(Id).inspect();
      expect(Config.User).not.toMatch(/^(?:0|root|)(?::|$)/);
      expect(HostConfig).toMatchObject({ ReadonlyRootfs: true, CapDrop: ["ALL"], Privileged: false });
      expect(HostConfig.SecurityOpt).toEqual(["no-new-privileges:true"]);
      expect(JSON.stringify([Config.Env, Config.Cmd])).not.toMatch(/postgres:\/\/|redis:\/\//);
      expect(Config.Labels["com.docker.compose.project"]).toBe(`${name}-dev`);
      expect(State.OOMKilled).toBe(false);
    }
    expect(await run("exec", "redis", "--", "id", "-u")).toMatchObject({ code: 0, stdout: "999\n" });
    expect(await run("exec", "redis", "--", "sh", "-c", "exit 5")).toMatchObject({ code: 5 });

    // A program of one's own, wired as the store and found by nobody.
    const wired = await runCli(["run", "--as", "redis", "--", "sh", "-c", "id -u; cat; exit 3"], {
      cwd,
      input: "read",
    });
    expect(wired).toMatchObject({ code: 3, stdout: "999\nread" });
    expect(await run("run", "redis")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("redis is a component"),
    });

    expect(await run("diff")).toMatchObject({ code: 0, stdout: "nothing differs (2 looked at)\n" });
    const [redis = ""] = await containersOf(name, "redis");
    const other = await docker.createNetwork({ Name: `${name}-other` });
    onTestFinished(() => other.remove());
    await other.connect({ Container: redis });
    await docker.getContainer(redis).update({ Memory: 128 * 1024 ** 2, MemorySwap: 128 * 1024 ** 2 });
    expect(await run("diff", "postgres")).toMatchObject({ code: 0 });
    expect(await run("diff")).toMatchObject({
      code: 19,
      stdout: expect.stringMatching(
        new RegExp(
          `redis/0 +memory +\\S.* +128 MB *\n.*swap[^]*redis/0 +network ${name}-other +not joined +joined *\n$`,
        ),
      ),
    });
    expect(await run("restart", "redis")).toMatchObject({ code: 0 });
    expect(await run("wait", "redis")).toMatchObject({ code: 0 });
    expect(await run("diff")).toMatchObject({ code: 0 });

    expect(await sql("create table kept (n int); insert into kept values (42);")).toMatchObject({ code: 0 });
    const [before] = await containersOf(name, "postgres");
    await docker.getContainer(before ?? "").kill({ signal: "SIGKILL" });
    expect(await run("wait", "postgres", "--for", "ready")).toMatchObject({ code: 0 });
    await until("postgres to have restarted", async () => {
      const view = (await views()).find((each) => each.name === "postgres");
      return view?.restarts === 1 && view.healthStatus === "Ready";
    });
    expect((await containersOf(name, "postgres"))[0]).not.toBe(before);
    expect(await sql("select n from kept;")).toMatchObject({ code: 0, stdout: expect.stringContaining("42") });

    // By other hands: the engine ends the container, which is the end of its run, and starts it.
    const [restarted = ""] = await containersOf(name, "postgres");
    expect((await docker.getContainer(restarted).inspect()).Config).toMatchObject({ StopTimeout: 120 });
    await docker.getContainer(restarted).restart();
    await until("postgres to be ready in one container", async () => {
      const view = (await views()).find((each) => each.name === "postgres");
      const now = await containersOf(name, "postgres");
      return view?.healthStatus === "Ready" && now.length === 1 && now[0] !== restarted;
    });
    expect(await sql("select n from kept;")).toMatchObject({ code: 0, stdout: expect.stringContaining("42") });

    // The host went off and came back: no agent, and no container runs.
    for (const pid of agentsOf(cwd)) process.kill(pid, "SIGKILL");
    for (const { Id, State } of await containers())
      if (State === "running") await docker.getContainer(Id).kill({ signal: "SIGKILL" });
    expect(await run("start", "--wait")).toMatchObject({ code: 0, stderr: "taken up again: postgres, redis\n" });
    expect(await sql("select n from kept;")).toMatchObject({ code: 0, stdout: expect.stringContaining("42") });

    expect(await run("down")).toMatchObject({ code: 0 });
    expect(await containers()).toEqual([]);
    expect(await run("up", "--wait")).toMatchObject({ code: 0 });
    expect(await sql("select n from kept;")).toMatchObject({ code: 0, stdout: expect.stringContaining("42") });

    // Started by other hands, though the stack has it stopped.
    expect(await run("stop", "redis")).toMatchObject({ code: 0 });
    const stopped = (await containers()).find(({ Labels }) => Labels["caisson.resource"] === "redis");
    await docker.getContainer(stopped?.Id ?? "").start();
    expect(await run("down", "-v", "--yes")).toMatchObject({ code: 0 });
    expect(await containers()).toEqual([]);
    const own = { label: [`com.docker.compose.project=${name}-dev`] };
    expect((await docker.listVolumes({ filters: own })).Volumes ?? []).toEqual([]);
    expect(await docker.listNetworks({ filters: own })).toEqual([]);
  });
});

/** Of which only one image is there. */
const partly = `
import { container, defineStack, redis } from "@caisson/core";
export default defineStack("partly-NUMBER", [
  redis("redis", { role: "store" }),
  container("absent", { image: "caisson/absent:1", ports: { http: { number: 80 } }, probe: { kind: "http", port: "http", path: "/" } }),
]);
`;

test.skipIf(missing !== "")(
  `an \`up\` of some names asks for their images alone${missing && ` (skipped: ${missing})`}`,
  { timeout: 300_000 },
  async () => {
    const cwd = stackFolder({ "stack.ts": partly.replace("NUMBER", String(process.pid)) });
    const up = ["up", "-d", "--target", "docker"];
    expect(await runCli(up, { cwd })).toMatchObject({ code: 1, stderr: expect.stringMatching(/E_IMAGE.*absent/) });
    expect(await runCli([...up, "absent"], { cwd })).toMatchObject({ code: 1 });
    expect(await runCli([...up, "redis"], { cwd })).toMatchObject({ code: 0 });
    expect(await runCli(["wait", "redis"], { cwd })).toMatchObject({ code: 0 });
    expect(await runCli(["down", "-v", "--yes"], { cwd })).toMatchObject({ code: 0 });
  },
);

async function containersOf(stackName: string, resource: string): Promise<string[]> {
  const label = [`caisson.stack=${stackName}`, `caisson.resource=${resource}`];
  return (await docker.listContainers({ filters: { label } })).map(({ Id }) => Id);
}
