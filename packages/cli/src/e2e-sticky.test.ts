import Docker from "dockerode";
import { expect, onTestFinished, test } from "vitest";
import { runCli } from "./testing/run-cli.ts";
import { stackFolder } from "./testing/stack-folder.ts";
import { until } from "./testing/until.ts";
import { withoutImages } from "./testing/without-images.ts";

const docker = new Docker();
const missing = await withoutImages("nginx:1.30.4-trixie", "node:24.21.0-trixie-slim");

const program = `
import { createServer } from "node:http";
import { hostname } from "node:os";
createServer((_, response) => response.end(hostname())).listen(Number(process.env.PORT), process.env.HOST);
process.on("SIGTERM", () => process.exit(0));
`;

const stack = (name: string): string => `
import { defineProgram, defineStack, nginx, service, Type } from "@caisson/core";
const web = service(
  defineProgram(import.meta, "web", { main: "./web.mjs", management: false, config: Type.Object({}), http: { port: 18423 } }),
  { config: {}, replicas: 3 },
);
const routes = { "/": web, "/kept/": { to: web, sticky: true } };
export default defineStack("${name}", [web, nginx("edge", { port: 18480, routes })]);
`;

test.skipIf(missing !== "")(
  `a client stays with a replica where asked, another goes from one to the next, and whose replica is gone gets another${missing && ` (skipped: ${missing})`}`,
  { timeout: 240_000 },
  async () => {
    const name = `sticky-${process.pid}`;
    const cwd = stackFolder({
      "stack.ts": stack(name),
      "web.mjs": program,
      "package.json": JSON.stringify({ type: "module" }),
    });
    const build = await runCli(["build"], { cwd });
    expect(build).toMatchObject({ code: 0 });
    const containers = () => docker.listContainers({ all: true, filters: { label: [`caisson.stack=${name}`] } });
    onTestFinished(async () => {
      for (const { Id } of await containers()) await docker.getContainer(Id).remove({ force: true });
      await docker.getImage(build.stdout.trim()).remove({ force: true });
    });
    expect(await runCli(["up", "-d", "--wait", "--target", "docker"], { cwd })).toMatchObject({ code: 0 });
    const { resources } = JSON.parse((await runCli(["ps", "--format", "json"], { cwd })).stdout) as {
      resources: { name: string; addresses: Record<string, string> }[];
    };
    const edge = resources.find((each) => each.name === "edge")?.addresses["http"] ?? "";
    const ask = async (path: string, cookie = ""): Promise<{ readonly who: string; readonly cookie: string }> => {
      const answer = await fetch(new URL(path, edge), { headers: cookie === "" ? {} : { cookie } });
      expect(answer.status).toBe(200);
      return { who: await answer.text(), cookie: answer.headers.get("set-cookie")?.split(";")[0] ?? cookie };
    };
    const whoAnswers = async (count: number, path: string, cookie?: string): Promise<ReadonlySet<string>> =>
      new Set((await Promise.all(Array.from({ length: count }, () => ask(path, cookie)))).map(({ who }) => who));

    // Names are asked again each second.
    await until("every replica to be known to the edge", async () => (await whoAnswers(12, "/")).size === 3);
    const clients = await Promise.all(Array.from({ length: 12 }, () => ask("/kept/")));
    expect(new Set(clients.map(({ who }) => who)).size).toBeGreaterThan(1);
    for (const { who, cookie } of clients) expect([...(await whoAnswers(6, "/kept/", cookie))]).toEqual([who]);

    expect(await runCli(["scale", "web=1", "--wait"], { cwd })).toMatchObject({ code: 0 });
    // A request whose replicas change while it is tried again is given up.
    await until("every client to be led to the replica that is left", async () => {
      const running = await docker.listContainers({
        filters: { label: [`caisson.stack=${name}`, "caisson.resource=web"] },
      });
      const answers = await Promise.all(
        clients.map(({ cookie }) => fetch(new URL("/kept/", edge), { headers: { cookie } })),
      );
      const who = await Promise.all(answers.map((answer) => answer.text()));
      return running.length === 1 && who.every((each) => running[0]?.Id.startsWith(each));
    });
    expect(await runCli(["down", "-v", "--yes"], { cwd })).toMatchObject({ code: 0 });
  },
);
