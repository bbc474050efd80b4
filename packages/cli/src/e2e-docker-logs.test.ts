import { setTimeout as delay } from "node:timers/promises";
import Docker from "dockerode";
import { expect, onTestFinished, test } from "vitest";
import { release } from "../../core/src/components/versions.ts";
import { runCli } from "./testing/run-cli.ts";
import { stackFolder } from "./testing/stack-folder.ts";
import { until } from "./testing/until.ts";
import { withoutImages } from "./testing/without-images.ts";

const stack = `
import { alloy, defineProgram, defineStack, loki, pod, service, socketProxy, Type } from "@caisson/core";
const program = (name: string, port: number) => defineProgram(import.meta, name, {
  main: "./program.mjs",
  management: false,
  config: Type.Object({}),
  http: { port },
});
const users = service(program("users", 8221), { config: {} });
const gateway = service(program("gateway", 8222), { config: {} });
const outside = service(program("outside", 8223), { config: {} });
const logs = loki("loki");
const engine = socketProxy("engine");
const core = pod("core", [users, gateway]);
export default defineStack("NAME", [core, outside, logs, engine, alloy("alloy", { loki: logs, engine })]);
`;

/** Counts, ten times a second, after a line longer than Loki takes. */
const program = `
import { createServer } from "node:http";
console.log("begin" + "x".repeat(300 * 1024) + "end");
let count = 0;
setInterval(() => console.log(JSON.stringify({ count: count++ })), 100);
const server = createServer((_, response) => response.end());
server.listen(Number(process.env.PORT), process.env.HOST);
process.on("SIGTERM", () => server.close(() => process.exit(0)));
`;

const docker = new Docker();
const needed = (["node", "loki", "alloy", "socket-proxy"] as const).map((part) => {
  const { image, tag } = release(part);
  return `${image}:${tag}`;
});
const missing = await withoutImages(...needed);

/** Lines that have the same labels. */
interface Stream {
  readonly stream: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [at: string, line: string])[];
}

test.skipIf(missing !== "")(
  `lines of containers and of a pod's members come to Loki by their resource, none is lost while it is away${missing && ` (skipped: ${missing})`}`,
  { timeout: 300_000 },
  async () => {
    const name = `logs-${process.pid}`;
    // Last, after the containers that a failure leaves.
    onTestFinished(async () => {
      for (const { Id } of await docker.listImages({ filters: { reference: [`caisson/${name}`] } }))
        await docker.getImage(Id).remove({ force: true });
    });
    const cwd = stackFolder({ "stack.ts": stack.replace("NAME", name), "program.mjs": program });
    const run = async (...args: string[]): Promise<string> => {
      const { code, stdout, stderr } = await runCli(args, { cwd });
      expect([code, stderr]).toEqual([0, expect.any(String)]);
      return stdout;
    };
    await run("build");
    await run("up", "--wait", "--target", "docker");

    const find = async (query: string): Promise<readonly Stream[]> => {
      const { resources } = JSON.parse(await run("ps", "--format", "json")) as {
        resources: { name: string; addresses: Readonly<Record<string, string>> }[];
      };
      const url = new URL(
        "/loki/api/v1/query_range",
        resources.find((each) => each.name === "loki")?.addresses["http"],
      );
      url.search = new URLSearchParams({ query, since: "1h", limit: "5000" }).toString();
      const { data } = (await (await fetch(url)).json()) as { data: { result: Stream[] } };
      return data.result;
    };
    const counts = async (resource: string): Promise<number[]> => {
      const streams = await find(`{stack="${name}",environment="dev",resource="${resource}"} |= "count"`);
      return streams
        .flatMap(({ values }) => values.map(([, line]) => (JSON.parse(line) as { count: number }).count))
        .toSorted((one, other) => one - other);
    };
    const last = async (resource: string): Promise<number> => (await counts(resource)).at(-1) ?? -1;
    const programs = ["users", "gateway", "outside"];

    for (const each of programs) await until(`lines of ${each}`, async () => (await last(each)) > 0);
    await until(
      "lines of the pod itself",
      async () => (await find(`{resource="core",pod="core"} |= "Running"`)).length > 0,
    );
    expect(await find(`{resource="users",pod!="core"}`)).toEqual([]);
    expect(await find(`{resource="outside",pod!=""}`)).toEqual([]);
    const [long] = await find(`{resource="outside"} |= "begin"`);
    expect(long?.values.map(([, line]) => line.length)).toEqual([256 * 1024]);

    await run("stop", "loki");
    await delay(20_000);
    await run("start", "--wait", "loki");
    for (const each of programs) {
      // Ten a second: what was said after the outage is there, and all before it.
      const before = await last(each);
      await until(`new lines of ${each}`, async () => (await last(each)) > before);
      const got = await counts(each);
      expect([each, got]).toEqual([each, got.map((_, index) => index)]);
    }
  },
);
