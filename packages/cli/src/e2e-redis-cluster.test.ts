import Docker from "dockerode";
import { expect, onTestFinished, test } from "vitest";
import { runCli } from "./testing/run-cli.ts";
import { stackFolder } from "./testing/stack-folder.ts";
import { until } from "./testing/until.ts";
import { withoutImages } from "./testing/without-images.ts";

const docker = new Docker();
const missing = await withoutImages("valkey/valkey:9.1.4-trixie");

const stack = `
import { defineStack, redisCluster } from "@caisson/core";
const cache = redisCluster("cache", { role: "store", maxMemory: "64MB" });
export default defineStack("cluster-NUMBER", [...cache.resources]);
`;

/** Enough to be in every master's slots many times. */
const count = 300;

test.skipIf(missing !== "")(
  `a Redis cluster is formed, survives a master, and finds itself again${missing && ` (skipped: ${missing})`}`,
  { timeout: 300_000 },
  async () => {
    const name = `cluster-${process.pid}`;
    const own = { label: [`com.docker.compose.project=${name}-dev`] };
    const containers = () => docker.listContainers({ all: true, filters: { label: [`caisson.stack=${name}`] } });
    const addresses = async (): Promise<string[]> =>
      (await containers()).flatMap(({ NetworkSettings }) =>
        Object.values(NetworkSettings.Networks).map(({ IPAddress }) => IPAddress),
      );
    onTestFinished(async () => {
      for (const { Id } of await containers()) await docker.getContainer(Id).remove({ force: true });
    });
    const cwd = stackFolder({ "stack.ts": stack.replace("NUMBER", String(process.pid)) });
    const run = (...args: string[]) => runCli(args, { cwd });
    const inNode = async (node: string, script: string): Promise<string> => {
      const { code, stdout, stderr } = await run("exec", node, "--", "sh", "-c", script);
      expect({ code, stderr }).toMatchObject({ code: 0 });
      return stdout;
    };
    const login = 'export REDISCLI_AUTH="$(cat /run/secrets/password)"; ';
    const ask = (node: string, command: string) => inNode(node, `${login}valkey-cli ${command}`);
    const all = (node: string, command: string, then: string) =>
      inNode(node, `${login}seq ${count} | sed 's/.*/${command}/' | valkey-cli -c | ${then}`);
    const valuesAt = (node: string) => all(node, "get key:&", "sort -u | grep -cx '[0-9][0-9]*'");
    const containerOf = async (node: string): Promise<string> =>
      (await docker.listContainers({ filters: { label: [`caisson.stack=${name}`, `caisson.resource=${node}`] } }))[0]
        ?.Id ?? "";

    const elsewhere = stackFolder({ "stack.ts": stack.replace("NUMBER", String(process.pid)) });
    expect(await runCli(["up", "-d", "--target", "process"], { cwd: elsewhere })).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/redis-cluster[^]*--target docker/),
    });
    expect(await run("up", "--wait", "--target", "docker")).toMatchObject({ code: 0 });
    const nodes = (await ask("cache-1", "cluster nodes")).trim().split("\n");
    expect(nodes.filter((line) => /master .* connected \S+$/.test(line))).toHaveLength(3);
    expect(nodes.filter((line) => /slave /.test(line))).toHaveLength(3);
    for (const { NetworkSettings, Ports } of await containers()) {
      expect(Object.keys(NetworkSettings.Networks)).toHaveLength(1);
      expect(Ports.filter(({ PublicPort }) => PublicPort !== undefined)).toEqual([]);
    }

    expect(await inNode("cache-1", "valkey-cli get key:1")).toContain("NOAUTH");
    expect(await all("cache-2", "set key:& &", "grep -c OK")).toBe(`${count}\n`);
    expect(await valuesAt("cache-5")).toBe(`${count}\n`);
    for (const node of ["cache-1", "cache-2", "cache-3"])
      expect(Number((await ask(node, "dbsize")).trim())).toBeGreaterThan(50);

    const before = await containerOf("cache-1");
    await docker.getContainer(before).kill({ signal: "SIGKILL" });
    await until("another container for the one that was killed", async () => {
      const now = await containerOf("cache-1");
      return now !== "" && now !== before;
    });
    expect(await run("wait", "cache-1", "--for", "ready")).toMatchObject({ code: 0 });
    expect(await valuesAt("cache-3")).toBe(`${count}\n`);

    // Nothing keeps its address, for somebody else has the network's.
    const old = await addresses();
    const [network] = await docker.listNetworks({ filters: own });
    expect(await run("down")).toMatchObject({ code: 0 });
    expect(await containers()).toEqual([]);
    const taken = await docker.createNetwork({ Name: `${name}-taken`, IPAM: network?.IPAM });
    onTestFinished(() => taken.remove());
    expect(await run("up", "--wait")).toMatchObject({ code: 0 });
    expect((await addresses()).filter((address) => old.includes(address))).toEqual([]);
    for (const node of ["cache-1", "cache-4", "cache-6"]) {
      expect(await ask(node, "cluster info")).toContain("cluster_state:ok");
      expect(await valuesAt(node)).toBe(`${count}\n`);
    }

    expect(await run("down", "-v", "--yes")).toMatchObject({ code: 0 });
    expect(await containers()).toEqual([]);
    expect((await docker.listVolumes({ filters: own })).Volumes ?? []).toEqual([]);
    expect(await docker.listNetworks({ filters: own })).toEqual([]);
  },
);
