import Docker from "dockerode";
import { expect, onTestFinished, test } from "vitest";
import { runCli } from "./testing/run-cli.ts";
import { podFolder } from "./testing/pod-folder.ts";
import { until } from "./testing/until.ts";
import { withoutImages } from "./testing/without-images.ts";

/** What the test reads of `ps --format json`. */
interface Shown {
  readonly name: string;
  readonly restarts: number;
  readonly healthStatus: string;
  readonly members?: readonly string[];
  readonly addresses: Readonly<Record<string, string>>;
}

const base = "node:24.21.0-trixie-slim";
const docker = new Docker();
const missing = await withoutImages(base);

test.skipIf(missing !== "")(
  `a pod is one container, in which a member that dies is started again${missing && ` (skipped: ${missing})`}`,
  { timeout: 300_000 },
  async () => {
    const name = `pods-${process.pid}`;
    const cwd = podFolder(name);
    onTestFinished(async () => {
      for (const { Id } of await docker.listImages({ filters: { reference: [`caisson/${name}`] } }))
        await docker.getImage(Id).remove({ force: true });
    });
    const run = (...args: string[]) => runCli(args, { cwd });
    const containers = () => docker.listContainers({ all: true, filters: { label: [`caisson.stack=${name}`] } });
    const shown = async (of: string): Promise<Shown | undefined> =>
      (JSON.parse((await run("ps", "--format", "json")).stdout) as { resources: Shown[] }).resources.find(
        (each) => each.name === of,
      );

    expect(await run("build")).toMatchObject({ code: 0 });
    expect(await run("up", "--wait", "--target", "docker")).toMatchObject({ code: 0 });
    expect((await containers()).map(({ Labels }) => Labels["caisson.resource"]).sort()).toEqual(["core", "outside"]);
    const core = await shown("core");
    expect(core).toMatchObject({ healthStatus: "Ready", members: ["users", "gateway"] });

    // Within the pod over loopback, from elsewhere by the pod's name.
    const ask = async (): Promise<unknown> => {
      const address = (await shown("outside"))?.addresses["http"];
      return (await fetch(address ?? "")).json();
    };
    const answer = (pid: unknown) => ({
      name: "outside",
      pid: expect.any(Number) as number,
      url: "http://core:8202",
      said: {
        name: "gateway",
        pid: expect.any(Number) as number,
        url: "http://127.0.0.1:8201",
        said: { name: "users", pid },
      },
    });
    const first = (await ask()) as { readonly said: { readonly said: { readonly pid: number } } };
    expect(first).toEqual(answer(expect.any(Number)));
    const { pid } = first.said.said;
    const published = core?.addresses["gateway-http"] ?? "";
    expect(await (await fetch(published)).json()).toMatchObject({ name: "gateway" });
    expect(core?.addresses["users-http"]).toBeUndefined();

    const [before] = (await containers()).flatMap(({ Id, Labels }) =>
      Labels["caisson.resource"] === "core" ? Id : [],
    );
    const kill = `process.kill(${pid}, "SIGKILL")`;
    expect(await run("exec", "core", "--", "node", "-e", kill)).toMatchObject({ code: 0 });
    await until("users to run again", async () => {
      const now = (await ask().catch(() => undefined)) as typeof first | undefined;
      return now !== undefined && now.said.said.pid !== pid;
    });
    expect(await run("wait", "core", "--for", "ready")).toMatchObject({ code: 0 });
    expect((await containers()).map(({ Id }) => Id)).toContain(before);
    expect(await shown("core")).toMatchObject({ restarts: 0 });
    expect((await run("why", "users")).stdout).toMatch(/^core has been running and ready/);
    expect(await run("restart", "users")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("users has no container of its own: it runs in the pod core"),
    });
    const own = await run("logs", "--no-log-prefix", "users");
    expect(
      new Set(
        own.stdout
          .trim()
          .split("\n")
          .map((line) => line.split(" ")[0]),
      ),
    ).toEqual(new Set(["users"]));
    // The pod's own words about it come after them.
    expect((await run("logs", "--no-log-prefix", "-n", "1", "users")).stdout).toMatch(/^users \| [^\n]+\n$/);
    const logs = await run("logs", "--no-log-prefix", "core");
    expect(logs.stdout).toMatch(/^users \| has a key of \d+ characters$/m);
    expect(logs.stdout).toMatch(/^pod \| users is Waiting: signal SIGKILL; tried again in /m);

    expect(await run("down", "-v", "--yes")).toMatchObject({ code: 0 });
    expect(await containers()).toEqual([]);
    const left = { label: [`com.docker.compose.project=${name}-dev`] };
    expect((await docker.listVolumes({ filters: left })).Volumes ?? []).toEqual([]);
    expect(await docker.listNetworks({ filters: left })).toEqual([]);
  },
);
