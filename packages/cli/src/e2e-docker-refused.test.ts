import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createTcpServer, type Server } from "node:net";
import { join } from "node:path";
import Docker from "dockerode";
import { describe, expect, onTestFinished, test } from "vitest";
import { runCli, type Ended } from "./testing/run-cli.ts";
import { stackFolder } from "./testing/stack-folder.ts";
import { tempFolder } from "./testing/temp-folder.ts";
import { withoutImages } from "./testing/without-images.ts";

const image = "valkey/valkey:9.1.4-trixie";
const images = [image, "nginx:1.30.4-trixie"];

/** A stack of one store, and whatever else the test says. */
const stack = (name: string, more = ""): string => `
import { container, defineStack, nginx, redis } from "@caisson/core";
const store = redis("redis", { role: "store", port: 26379 });
export default defineStack("${name}", [store, ${more}]);
`;

const up = (cwd: string, env: Readonly<Record<string, string>> = {}): Promise<Ended> =>
  runCli(["up", "-d", "--target", "docker"], { cwd, env });

async function listening(server: Server, at: string | number): Promise<void> {
  server.listen(at);
  await once(server, "listening");
  onTestFinished(() => void server.close());
}

describe("an engine that", () => {
  test("is not there is told of, and so is a target", async () => {
    const cwd = stackFolder({ "stack.ts": stack("refused") });
    const env = { DOCKER_HOST: `unix://${join(cwd, "none")}` };
    for (const args of [["up", "-d", "--target", "docker"], ["plan", "--target", "docker"], ["build"]])
      expect(await runCli(args, { cwd, env })).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/E_DOCKER.*none answers.*\n.*hint: .*docker version/),
      });
    expect(await runCli(["up", "--target", "podman"], { cwd })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('expected one of process, docker, got "podman"'),
    });
  });

  test("is too old says how old", async () => {
    const folder = tempFolder();
    const answers = createServer((_, response) => {
      response.setHeader("content-type", "application/json").end('{"ApiVersion":"1.24"}');
    });
    await listening(answers, join(folder, "sock"));
    const ended = await up(stackFolder({ "stack.ts": stack("refused") }), { DOCKER_HOST: `unix://${folder}/sock` });
    expect(ended).toMatchObject({ code: 1, stderr: expect.stringMatching(/E_DOCKER.*API 1\.41 or newer.*got 1\.24/) });
  });

  test("takes connections and says nothing is given up", async () => {
    const folder = tempFolder();
    const silent = createTcpServer((socket) => void socket.on("error", () => {}));
    await listening(silent, join(folder, "sock"));
    const ended = await up(stackFolder({ "stack.ts": stack("refused") }), { DOCKER_HOST: `unix://${folder}/sock` });
    expect(ended).toMatchObject({ code: 1, stderr: expect.stringMatching(/E_DOCKER.*none answers/) });
  });
});

const docker = new Docker();
const missing = await withoutImages(...images);

describe.skipIf(missing !== "")(`on an engine${missing && ` (skipped: ${missing})`}`, () => {
  const volume = async (
    name: string,
    labels: Readonly<Record<string, string>>,
    options: Readonly<Record<string, string>> = {},
  ): Promise<() => Promise<boolean>> => {
    await docker.createVolume({ Name: name, Labels: labels, DriverOpts: options });
    onTestFinished(() => docker.getVolume(name).remove());
    return async () => ((await docker.listVolumes()).Volumes ?? []).some(({ Name }) => Name === name);
  };

  test.each([
    ["somebody else", {}, "use another name or environment.\n"],
    [
      "another instance",
      { "caisson.instance": "another-one" },
      "docker volume ls --filter label=caisson.instance=another-one",
    ],
  ])("a volume of %s is not touched", async (_, labels, hint) => {
    const name = `refused-${randomUUID().slice(0, 8)}`;
    const there = await volume(`${name}-dev_redis-data`, labels);
    const cwd = stackFolder({ "stack.ts": stack(name) });
    expect(await up(cwd)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(new RegExp(`E_DATA_FOREIGN.*volume ${name}-dev_redis-data[^]*${hint}`)),
    });
    expect(await runCli(["down", "-v", "--yes"], { cwd })).toMatchObject({ stdout: "" });
    expect(await there()).toBe(true);
  });

  test("data of an older major, images and memory that cannot be had, and a port that is taken", async () => {
    const name = `refused-${randomUUID().slice(0, 8)}`;
    const cwd = stackFolder({ "stack.ts": stack(name) });
    const containers = async (): Promise<string[]> =>
      (await docker.listContainers({ filters: { label: [`caisson.stack=${name}`] } })).map(({ Id }) => Id);
    const change = async (more: string): Promise<Ended> => {
      writeFileSync(join(cwd, "stack.ts"), stack(name, more));
      return await up(cwd);
    };
    expect(await up(cwd)).toMatchObject({ code: 0 });
    const before = await containers();
    expect(before).toHaveLength(1);

    const probe = 'probe: { kind: "log-line", pattern: "x" }';
    expect(await change(`container("other", { image: "example.invalid/none:1", ${probe} })`)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/E_IMAGE.*other: image not available: example\.invalid\/none:1/),
    });
    expect(
      await change(`container("other", { image: "${image}", reservations: { memory: "90000GB" }, ${probe} })`),
    ).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/E_CAPACITY.*other/s),
    });
    const taken = createTcpServer();
    await listening(taken, 0);
    const { port } = taken.address() as { port: number };
    expect(await change(`nginx("edge", { port: ${port}, fixedPort: true, routes: {} })`)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(new RegExp(`E_PORT_TAKEN.*${port}`, "s")),
    });
    expect(await containers()).toEqual(before);

    expect(await runCli(["down"], { cwd })).toMatchObject({ code: 0 });
    const data = docker.getVolume(`${name}-dev_redis-data`);
    const { Labels } = await data.inspect();
    const stamp = JSON.parse(Labels["caisson.stamp"] ?? "") as Record<string, unknown>;
    await data.remove();
    const old = { ...Labels, "caisson.stamp": JSON.stringify({ ...stamp, dataMajor: 1 }) };
    const there = await volume(`${name}-dev_redis-data`, old);
    expect(await change("")).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/E_DATA_MAJOR.*written by \w+ 1,/s),
    });
    expect(await there()).toBe(true);
  });

  test("a volume without room: what wants it fails with its words, what runs goes on, the volume stays", async () => {
    const name = `refused-${randomUUID().slice(0, 8)}`;
    const cwd = stackFolder({ "stack.ts": stack(name) });
    expect(await up(cwd)).toMatchObject({ code: 0 });
    const { Labels } = await docker.getVolume(`${name}-dev_redis-data`).inspect();
    const stamp = JSON.parse(Labels["caisson.stamp"] ?? "") as Record<string, unknown>;
    const labels = { ...Labels, "caisson.stamp": JSON.stringify({ ...stamp, resource: "full" }) };
    const small = { type: "tmpfs", device: "tmpfs", o: "size=4k,uid=999,gid=999" };
    const there = await volume(`${name}-dev_full-data`, labels, small);
    writeFileSync(join(cwd, "stack.ts"), stack(name, 'redis("full", { role: "store", port: 26380 })'));
    expect(await up(cwd)).toMatchObject({ code: 18, stderr: expect.stringContaining("failed: full: ") });
    expect(await runCli(["why", "full"], { cwd })).toMatchObject({
      stdout: expect.stringContaining("No space left on device"),
    });
    expect(await runCli(["wait", "redis", "--for", "ready"], { cwd })).toMatchObject({ code: 0 });
    expect(await there()).toBe(true);
    expect(await runCli(["down"], { cwd })).toMatchObject({ code: 0 });
    expect(await there()).toBe(true);
  });
});
