import Docker from "dockerode";
import { expect, onTestFinished, test } from "vitest";
import { runCli } from "./testing/run-cli.ts";
import { stackFolder } from "./testing/stack-folder.ts";
import { until } from "./testing/until.ts";
import { withoutImages } from "./testing/without-images.ts";

const stack = `
import { defineProgram, defineStack, nginx, nginxExporter, pod, service, Type } from "@caisson/core";
const program = (name: string, port: number) => defineProgram(import.meta, name, {
  main: "./program.mjs",
  management: false,
  config: Type.Object({}),
  http: { port },
});
const web = service(program("web", 8211), { config: {} });
const other = service(program("other", 8212), { config: {} });
const inner = nginx("inner", { port: 8213, public: false, routes: { "/": other } });
const front = nginx("front", { port: 8210, routes: { "/": web, "/other": inner } });
const exporter = nginxExporter("front-exporter", { of: front });
export default defineStack("NAME", [pod("core", [web, front]), pod("back", [other, inner]), exporter]);
`;

/** Says who it is, whom it was asked by, and for whom. */
const program = `
import { createServer } from "node:http";
const server = createServer(({ headers, socket }, response) => {
  const { "x-forwarded-for": client, "x-forwarded-proto": scheme } = headers;
  const answer = { name: process.env.OTEL_SERVICE_NAME, pid: process.pid, by: socket.remoteAddress, client, scheme };
  response.end(JSON.stringify(answer));
});
server.listen(Number(process.env.PORT), process.env.HOST);
process.on("SIGTERM", () => { server.close(() => process.exit(0)); server.closeAllConnections(); });
`;

/** In the pod's container: kills a process with SIGKILL and tells why the pod is not ready then, once it is again. */
const kill = `
const ask = async () => (await fetch("http://127.0.0.1:9464/health/ready")).json();
process.kill(Number(process.argv[1]), "SIGKILL");
let told, now;
do {
  now = await ask();
  if (!now.ready) told ??= now;
  await new Promise((resolve) => setTimeout(resolve, 20));
} while (!told || !now.ready);
console.log(JSON.stringify(told.reasons));
`;

/** In the pod's container: kills the nginx whenever there is one, until nothing is left to do it. */
const killAlways = `
import { readFileSync } from "node:fs";
setInterval(() => {
  try { process.kill(Number(readFileSync("/tmp/front/nginx.pid", "utf8")), "SIGKILL"); } catch {}
}, 50);
`;

/** In the pod's container: the processes of nginx. */
const processes = `
import { readdirSync, readFileSync } from "node:fs";
const named = (pid) => { try { return readFileSync("/proc/" + pid + "/comm", "utf8").trim() === "nginx"; } catch { return false; } };
const master = Number(readFileSync("/tmp/front/nginx.pid", "utf8"));
console.log(JSON.stringify({ master, all: readdirSync("/proc").filter(named).length }));
`;

/** In the pod's container: what the program behind the inner nginx hears of a client of somebody else's. */
const askInner = `
const headers = { "x-forwarded-for": "203.0.113.9, 198.51.100.7", "x-forwarded-proto": process.argv[1] };
console.log(await (await fetch("http://back:8213/", { headers })).text());
`;

/** In the pod's container: whether the exporter gets an answer of the nginx. */
const scrape = `
const text = await (await fetch("http://front-exporter:9113/metrics")).text();
console.log(/^nginx_up (\\d)$/m.exec(text)?.[1]);
`;

const docker = new Docker();
const needed = ["node:24.21.0-trixie-slim", "nginx:1.30.4-trixie", "nginx/nginx-prometheus-exporter:1.5.3"];
const missing = await withoutImages(...needed);

/** A member as the program says it. */
interface Answer {
  readonly name: string;
  readonly pid: number;
  readonly by: string;
  readonly client: string;
}

test.skipIf(missing !== "")(
  `an nginx in a pod is its way in, and is started again in it${missing && ` (skipped: ${missing})`}`,
  { timeout: 300_000 },
  async () => {
    const name = `front-${process.pid}`;
    // Last, after the containers that a failure leaves.
    onTestFinished(async () => {
      for (const { Id } of await docker.listImages({ filters: { reference: [`caisson/${name}`] } }))
        await docker.getImage(Id).remove({ force: true });
    });
    const cwd = stackFolder({ "stack.ts": stack.replace("NAME", name), "program.mjs": program });
    const run = (...args: string[]) => runCli(args, { cwd });
    const containers = async () =>
      (await docker.listContainers({ all: true, filters: { label: [`caisson.stack=${name}`] } })).map(
        ({ Id, Labels }) => ({ id: Id, of: Labels["caisson.resource"] }),
      );
    const core = async () => (await containers()).find(({ of }) => of === "core")?.id;
    const inside = async (script: string, ...args: string[]): Promise<unknown> => {
      const { code, stdout, stderr } = await run(
        "exec",
        "core",
        "--",
        "node",
        "--input-type=module",
        "-e",
        script,
        ...args,
      );
      expect([code, stderr]).toEqual([0, ""]);
      return JSON.parse(stdout);
    };

    expect(await run("build")).toMatchObject({ code: 0 });
    expect(await run("up", "--wait", "--target", "docker")).toMatchObject({ code: 0 });
    const { resources } = JSON.parse((await run("ps", "--format", "json")).stdout) as {
      resources: { name: string; addresses: Readonly<Record<string, string>> }[];
    };
    const address = resources.find((each) => each.name === "core")?.addresses["front-http"] ?? "";
    const ask = async (path = "/"): Promise<Answer> => (await fetch(new URL(path, address))).json() as Promise<Answer>;

    // Within a pod over loopback, from elsewhere by its name; who is behind another edge knows the client from that.
    const first = await ask();
    const { client } = first;
    expect(first).toMatchObject({ name: "web", by: "127.0.0.1", client: expect.stringMatching(/^[\d.]+$/) as string });
    expect(await ask("/other")).toMatchObject({ name: "other", by: "127.0.0.1", client, scheme: "http" });
    expect(await inside(askInner, "https")).toMatchObject({ client: "198.51.100.7", scheme: "https" });
    expect(await inside(askInner, "none")).toMatchObject({ client: "198.51.100.7", scheme: "http" });
    expect(await inside(scrape)).toBe(1);
    const before = await core();
    const nginx = (await inside(processes)) as { readonly master: number; readonly all: number };
    expect(nginx.all).toBe(2);

    expect(await inside(kill, String(nginx.master))).toEqual([{ name: "front", detail: expect.any(String) as string }]);
    // Its worker, which kept the port, is gone with it.
    const again = (await inside(processes)) as typeof nginx;
    expect([again.master === nginx.master, again.all]).toEqual([false, 2]);
    expect(await ask()).toMatchObject({ name: "web", pid: first.pid });

    expect(await inside(kill, String(first.pid))).toEqual([{ name: "web", detail: expect.any(String) as string }]);
    expect((await ask()).pid).not.toBe(first.pid);
    expect(await core()).toBe(before);

    // A crash loop ends the pod; what is next is the target's, which starts it anew.
    expect(await run("exec", "core", "--", "node", "--input-type=module", "-e", killAlways)).not.toMatchObject({
      code: 0,
    });
    await until("the pod to run again", async () => (await ask().catch(() => undefined))?.name === "web");
    expect(await run("wait", "core", "--for", "ready")).toMatchObject({ code: 0 });
    expect((await run("logs", "--no-log-prefix", "core")).stdout).toMatch(
      /^pod \| front is given up, and the pod with it$/m,
    );

    expect(await run("down", "-v", "--yes")).toMatchObject({ code: 0 });
    expect(await containers()).toEqual([]);
    const left = { label: [`com.docker.compose.project=${name}-dev`] };
    expect((await docker.listVolumes({ filters: left })).Volumes ?? []).toEqual([]);
    expect(await docker.listNetworks({ filters: left })).toEqual([]);
  },
);
