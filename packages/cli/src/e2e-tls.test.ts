import { once } from "node:events";
import { request } from "node:http";
import { connect, type ConnectionOptions } from "node:tls";
import { readFileSync } from "node:fs";
import { connectAsync, type MqttClient } from "mqtt";
import { expect, onTestFinished, test } from "vitest";
import { growOld, stateFolder } from "../../runtime/src/secrets/testing/grow-old.ts";
import { runCli } from "./testing/run-cli.ts";
import { stackFolder } from "./testing/stack-folder.ts";

const stack = `
import { defineProgram, defineStack, mosquitto, nginx, service, Type } from "@caisson/core";

const program = defineProgram(import.meta, "api", {
  main: "./service.mjs",
  management: false,
  config: Type.Object({ greeting: Type.String() }),
  http: { port: 18223 },
});
const api = service(program, { config: { greeting: "hello" } });
export default defineStack("tls", [
  api,
  nginx("edge", { routes: { "/": api }, port: 18280, tls: { port: 18243, names: ["shop.test"] } }),
  nginx("open", {
    routes: { "/": api, "/ops/": { to: api, login: true } },
    users: ["ops"],
    port: 18281,
    tls: { port: 18244, names: ["shop.test"], plainToo: true },
  }),
  mosquitto("broker", {
    port: 18283,
    tls: { port: 18288 },
    users: {
      backend: { subscribe: ["tracker/#"] },
      one: { publish: ["tracker/1"], subscribe: ["tracker/1"] },
      two: { publish: ["tracker/2"] },
    },
  }),
]);
`;

interface Shown {
  readonly resources: readonly { readonly name: string; readonly addresses: Readonly<Record<string, string>> }[];
}

interface Tls {
  readonly cwd: string;
  /** The authority's certificate. */
  readonly ca: string;
  port(resource: string, name: string): number;
  password(user: string): Promise<string>;
}

async function up(): Promise<Tls> {
  const cwd = stackFolder({ "stack.ts": stack });
  expect(await runCli(["up", "-d", "--wait"], { cwd })).toMatchObject({ code: 0 });
  const { resources } = JSON.parse((await runCli(["ps", "--format", "json"], { cwd })).stdout) as Shown;
  const { stdout } = await runCli(["secret", "get", "local-authority", "--certificates"], { cwd });
  return {
    cwd,
    ca: stdout,
    port: (resource, name) =>
      Number(resources.find((each) => each.name === resource)?.addresses[name]?.match(/:(\d+)$/)?.[1]),
    password: async (user) => (await runCli(["secret", "get", `broker-${user}`, "--yes"], { cwd })).stdout.trim(),
  };
}

/** Why a connection was refused; empty: it was not. */
async function refusal(options: ConnectionOptions): Promise<string> {
  const socket = connect({ host: "127.0.0.1", ...options });
  return once(socket, "secureConnect").then(
    () => (socket.destroy(), ""),
    (error: NodeJS.ErrnoException) => error.code ?? error.message,
  );
}

const old = { minVersion: "TLSv1.1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" } as const;

test("TLS 1.2 and newer, with a certificate of the stack's own authority, and nothing else on its ports", async () => {
  const { ca, port, cwd, password } = await up();
  expect(ca).toMatch(/^-----BEGIN CERTIFICATE-----/);
  expect(ca).not.toContain("PRIVATE");
  for (const [resource, name] of [
    ["edge", "https"],
    ["broker", "mqtts"],
  ] as const) {
    const at = { port: port(resource, name), servername: "localhost" };
    expect([resource, await refusal({ ...at, ca })]).toEqual([resource, ""]);
    expect(await refusal({ ...at, ca, maxVersion: "TLSv1.2" })).toBe("");
    // The server's own word, not ours: the client offers no more than 1.1.
    expect(await refusal({ ...at, ca, ...old })).toBe("ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION");
    expect(await refusal(at)).toMatch(/SELF_SIGNED|UNABLE_TO_VERIFY/);
    expect(await refusal({ ...at, ca, servername: "example.org" })).toBe("ERR_TLS_CERT_ALTNAME_INVALID");
  }
  // In the clear: one is sent on, one told that it speaks the wrong protocol, the broker hangs up.
  expect(await get(port("edge", "http"), "/a?b=1")).toMatchObject({
    status: 308,
    location: `https://shop.test:${port("edge", "https")}/a?b=1`,
  });
  expect(await get(port("edge", "https"), "/")).toMatchObject({ status: 400 });
  // Where both are served, a login is asked for over HTTPS alone.
  expect(await get(port("open", "http"), "/")).toMatchObject({ status: 200 });
  expect(await get(port("open", "http"), "/ops/?b=1")).toMatchObject({
    status: 308,
    location: `https://shop.test:${port("open", "https")}/ops/?b=1`,
  });
  await expect(mqtt(`mqtt://127.0.0.1:${port("broker", "mqtts")}`, "one", await password("one"))).rejects.toThrow(
    /closed|reset/i,
  );
  const answer = await fetchWith(ca, port("edge", "https"));
  expect(answer).toEqual({ text: "hello", hsts: "max-age=31536000" });
  expect((await runCli(["up", "-d"], { cwd })).stdout).toContain("nothing to do");
});

test("a topic outside a user's list is refused, over TLS too", async () => {
  const { ca, port, password } = await up();
  const url = `mqtts://localhost:${port("broker", "mqtts")}`;
  const [backend, one, two] = await Promise.all(
    ["backend", "one", "two"].map(async (user) => mqtt(url, user, await password(user), ca)),
  );
  if (!backend || !one || !two) throw new Error("unreachable");
  const heard: string[] = [];
  backend.on("message", (topic, payload) => heard.push(`backend ${topic} ${payload.toString()}`));
  one.on("message", (topic, payload) => heard.push(`one ${topic} ${payload.toString()}`));
  await backend.subscribeAsync("tracker/#", { qos: 1 });
  // The broker takes a wider subscription, and delivers what the user may read.
  await one.subscribeAsync("tracker/#", { qos: 1 });
  await expect(one.publishAsync("tracker/2", "forged", { qos: 1 })).rejects.toThrow(/Not authorized/);
  await two.publishAsync("tracker/2", "not for one", { qos: 1 });
  await one.publishAsync("tracker/1", "mine", { qos: 1 });
  await expect
    .poll(() => heard.toSorted(), { timeout: 60_000 })
    .toEqual(["backend tracker/1 mine", "backend tracker/2 not for one", "one tracker/1 mine"]);
  await expect(mqtt(url, "one", "guessed", ca)).rejects.toThrow(/Not authorized|Bad username/);
});

test("a certificate is renewed in its last days, and who shows it reads it again without a restart", async () => {
  const { cwd, ca, port } = await up();
  const shown = async (): Promise<Record<string, string>> => {
    const ends: Record<string, string> = {};
    for (const [resource, name] of [
      ["edge", "https"],
      ["broker", "mqtts"],
    ] as const)
      ends[resource] = await certificateAt(port(resource, name), ca);
    return ends;
  };
  const pids = async (): Promise<string> => (await runCli(["ps", "--format", "json"], { cwd })).stdout;
  const running = (text: string): unknown =>
    (JSON.parse(text) as { resources: { name: string; pids: number[]; generation: number }[] }).resources.map(
      ({ name, pids: ids, generation }) => [name, ids, generation],
    );
  const [before, first] = [running(await pids()), await shown()];
  for (const name of ["edge-certificate", "broker-certificate"])
    growOld(cwd, name, [name.replace("-certificate", ""), "localhost", "127.0.0.1", "shop.test"]);

  const { code, stdout } = await runCli(["up", "-d"], { cwd });
  expect([code, stdout]).toEqual([0, expect.stringContaining("nothing to do")]);
  for (const name of ["edge", "broker"])
    expect(readFileSync(stateFolder(cwd, "agent.log"), "utf8")).toContain(
      `${name} reads ${name}-certificate, renewed before its end`,
    );
  await expect
    .poll(async () => Object.entries(await shown()).filter(([name, serial]) => serial === first[name]), {
      timeout: 60_000,
    })
    .toEqual([]);
  expect(running(await pids())).toEqual(before);
});

/** The serial number of what is shown to a client that trusts the stack's authority. */
async function certificateAt(port: number, ca: string): Promise<string> {
  const socket = connect({ host: "127.0.0.1", port, ca, servername: "localhost" });
  await once(socket, "secureConnect");
  const { serialNumber } = socket.getPeerCertificate();
  socket.destroy();
  return serialNumber;
}

async function mqtt(url: string, username: string, password: string, ca?: string): Promise<MqttClient> {
  const options = { username, password, protocolVersion: 5, reconnectPeriod: 0, connectTimeout: 20_000 } as const;
  const client = await connectAsync(url, { ...options, ...(ca !== undefined && { ca }) });
  onTestFinished(() => client.endAsync(true));
  return client;
}

/** Over plain HTTP. */
async function get(
  port: number,
  path: string,
): Promise<{ status?: number | undefined; location?: string | undefined }> {
  const sent = request({ host: "127.0.0.1", port, path, headers: { host: "shop.test" } }).end();
  const [response] = (await once(sent, "response")) as [
    { statusCode?: number; headers: { location?: string }; resume(): void },
  ];
  response.resume();
  return { status: response.statusCode, location: response.headers.location };
}

async function fetchWith(ca: string, port: number): Promise<{ text: string; hsts: string | undefined }> {
  const { request: secure } = await import("node:https");
  const sent = secure({ host: "127.0.0.1", port, ca, servername: "shop.test", path: "/" }).end();
  const [response] = (await once(sent, "response")) as [AsyncIterable<Buffer> & { headers: Record<string, string> }];
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part);
  return { text: Buffer.concat(parts).toString(), hsts: response.headers["strict-transport-security"] };
}
