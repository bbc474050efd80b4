import { expect, test } from "vitest";
import { dockerStack, until, withoutEngine, withoutImage, type DockerStack } from "../testing/docker-stack.ts";
import { swarmBundle, withoutSwarm } from "../testing/swarm-bundle.ts";

const missing = (await withoutEngine()) || (await withoutImage("nginx"));

/** In place of a program that is not there yet: answers on its ports. */
const program = `
import { createServer } from "node:http";
for (const name of ["", "MANAGEMENT_"])
  createServer((_, response) => response.end(process.env.OTEL_SERVICE_NAME)).listen(Number(process.env[name + "PORT"]), process.env[name + "HOST"]);
process.on("SIGTERM", () => process.exit(0));
`;

/** What comes of a connection: the address it is to, or why there is none. */
const connecting = `
const [host, port] = process.argv.slice(1);
const tell = (text) => (console.log(text), process.exit());
const socket = require("node:net").connect({ host, port: Number(port), timeout: 5000 });
socket.on("connect", () => tell(socket.remoteAddress)).on("error", ({ code }) => tell(code)).on("timeout", () => tell("silence"));
`;

/** The pods by contract and by what they refer to, once each and of no size, for this is a small host. */
function withPrograms(stack: DockerStack): void {
  const names = ["auth", "user", "voyage", "ai", "payment", "gateway", "web", "panorama"];
  for (const name of names) stack.write(`services/${name}/main.ts`, program);
  for (const [text, by] of [
    ["scale: { min: 3, max: 5,", "scale: { max: 5,"],
    [", scale: { min: 5, max: 10, cpu: 0.7 }", ""],
    ["scale: { min: 4, max: 6,", "scale: { max: 6,"],
    ['return planned(program, "its contract is there, its program is not yet");', "return program;"],
    ["replicas: 3,\n      ...small", "replicas: 1"],
    ["replicas: 5, ...large", "replicas: 1"],
    ["replicas: 4,\n      ...small", "replicas: 1"],
  ] as const)
    stack.change("pods.ts", text, by);
}

test.skipIf(missing !== "")(
  `a pod reaches what it refers to and nothing else: the pages' opens no store, by name or by address; its NGINX leads to its programs${missing && ` (skipped: ${missing})`}`,
  { timeout: 400_000 },
  async () => {
    await using stack = await dockerStack("dreamscape");
    withPrograms(stack);
    await stack.run("build");
    const without = (names: Iterable<string>): string[] => [...names].flatMap((each) => ["--without", each]);
    const others = without([
      "business-pod",
      "prometheus",
      "alertmanager",
      "node-exporter",
      "cadvisor",
      "postgres-exporter",
      "socket-proxy",
      "redis-exporter",
    ]);
    const unavailable = await stack.unavailable(...others);
    await stack.run("up", "--wait", "--target", "docker", ...others, ...without(unavailable.keys()));
    const from = async (who: string, host: string, port: number): Promise<string> =>
      (await stack.run("exec", who, "--", "node", "-e", connecting, host, String(port))).trim();

    const postgres = await from("core-pod", "postgres", 5432);
    const redis = await from("core-pod", "redis-1", 6379);
    expect([postgres, redis, await from("experience-pod", "core-pod", 3001)]).toEqual(
      Array.from({ length: 3 }, () => expect.stringMatching(/^\d+\.\d+\.\d+\.\d+$/)),
    );
    const said = (who: string, url: string): Promise<string> =>
      stack.run("exec", who, "--", "node", "-e", `fetch("${url}").then((it) => it.text()).then(console.log)`);
    expect([
      await said("core-pod", "http://127.0.0.1:8081/auth"),
      await said("core-pod", "http://127.0.0.1:8081/users"),
      await said("experience-pod", "http://127.0.0.1:8082/"),
      await said("experience-pod", "http://127.0.0.1:8082/panorama"),
    ]).toEqual(["auth\n", "user\n", "web\n", "panorama\n"]);
    for (const [name, address, port] of [
      ["postgres", postgres, 5432],
      ["redis-1", redis, 6379],
    ] as const) {
      expect(await from("experience-pod", name, port)).toMatch(/^(?:ENOTFOUND|EAI_AGAIN)$/);
      expect(await from("experience-pod", address, port)).toMatch(/^(?:silence|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT)$/);
    }
  },
);

const unmanaged = (await withoutEngine()) || (await withoutImage("valkey")) || (await withoutSwarm());

test.skipIf(unmanaged !== "")(
  `on a Swarm the Redis cluster forms by its nodes' names, and takes back both nodes of a pair, which have other addresses by then${unmanaged && ` (skipped: ${unmanaged})`}`,
  { timeout: 400_000 },
  async () => {
    await using bundle = await swarmBundle("dreamscape", "dev");
    await bundle.exportSecrets("smtp-password", "slack-webhook", "pagerduty-key");
    await bundle.script("deploy.sh");
    const nodes = Array.from({ length: 6 }, (_, index) => `redis-${index + 1}`);
    await bundle.running(nodes);
    const container = async (node: string): Promise<string> =>
      (await bundle.docker("ps", "--quiet", "--filter", `label=caisson.resource=${node}`)).trim();
    const ask = async (node: string, ...words: readonly string[]): Promise<string> => {
      const command = `REDISCLI_AUTH="$(cat /run/secrets/password)" valkey-cli ${words.join(" ")}`;
      return await bundle.docker("exec", await container(node), "sh", "-c", command);
    };
    const whole = (): Promise<void> =>
      until(async () => {
        expect(await ask("redis-2", "cluster", "info")).toContain("cluster_state:ok");
        expect((await ask("redis-2", "cluster", "nodes")).match(/ connected\b/g)).toHaveLength(6);
      });
    await whole();
    const pairs = (await ask("redis-2", "cluster", "nodes"))
      .trim()
      .split("\n")
      .map((line) => line.split(" "));
    const first = pairs.find(([, address]) => address?.endsWith(",redis-1")) ?? [];
    const pair = pairs.filter(([id, , , of]) => [first[0], first[3]].includes(id ?? "") || of === first[0]);
    const killed = pair.map(([, address = ""]) => address.split(",")[1] ?? "");
    expect(killed).toHaveLength(2);
    const before = await Promise.all(killed.map(container));
    for (const id of before) await bundle.docker("kill", id);
    await bundle.running(nodes);
    await until(async () => {
      const now = await Promise.all(killed.map(container));
      if (now.some((id) => id === "" || before.includes(id))) throw new Error("expected new containers");
    });
    await whole();
  },
);
