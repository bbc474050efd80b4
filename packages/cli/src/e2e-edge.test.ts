import { once } from "node:events";
import { request, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import { expect, test } from "vitest";
import { runCli } from "./testing/run-cli.ts";
import { stackFolder } from "./testing/stack-folder.ts";

const program = `
import { createServer } from "node:http";
createServer((request, response) => {
  response.statusCode = request.url.endsWith("missing.js") ? 404 : 200;
  response.setHeader("x-password", request.headers.authorization ?? "none");
  for (const [name, value] of Object.entries({ "content-type": "text/plain", "cache-control": "private", "x-frame-options": "SAMEORIGIN" }))
    response.setHeader(name, value);
  response.end(process.env.GREETING.repeat(1000));
}).listen(Number(process.env.PORT), process.env.HOST);
`;

const stack = `
import { defineProgram, defineStack, nginx, service, Type } from "@caisson/core";

const web = (name: string, port: number) => service(defineProgram(import.meta, name, {
  main: "./web.mjs",
  management: false,
  config: Type.Object({ greeting: Type.String() }),
  http: { port },
}), { config: { greeting: name } });
const pages = web("pages", 18323);
const charts = web("charts", 18324);
export default defineStack("edge", [
  pages,
  charts,
  nginx("edge", {
    port: 18380,
    users: ["ops"],
    routes: {
      "/": pages,
      "/assets/": { to: pages, cache: "immutable" },
      "/api/": { to: pages, cache: "no-store" },
      "/kept/": { to: pages, cache: "no-store", sticky: true },
      "/slow/": { to: pages, rateLimit: 1 / 60 },
      "charts.shop.test/": charts,
      "/charts/": { to: charts, login: true },
    },
  }),
]);
`;

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly size: number;
}

test("an edge tells browsers what they may keep and do, packs text, leads by host and path, and asks for logins", async () => {
  const cwd = stackFolder({ "stack.ts": stack, "web.mjs": program });
  expect(await runCli(["up", "-d", "--wait"], { cwd })).toMatchObject({ code: 0 });
  const { resources } = JSON.parse((await runCli(["ps", "--format", "json"], { cwd })).stdout) as {
    resources: { name: string; addresses: Record<string, string> }[];
  };
  const port = Number(resources.find(({ name }) => name === "edge")?.addresses["http"]?.match(/:(\d+)$/)?.[1]);
  const get = async (path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> => {
    const sent = request({ host: "127.0.0.1", port, path, headers: { host: "shop.test", ...headers } }).end();
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    let size = 0;
    for await (const part of response) size += (part as Buffer).length;
    return { status: response.statusCode, headers: response.headers, size };
  };
  // One of each, whatever is behind it says.
  const safe = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "strict-origin-when-cross-origin",
  };
  const kept = async (path: string): Promise<unknown> => {
    const { status, headers } = await get(path);
    expect(headers).toMatchObject(safe);
    return [status, headers["cache-control"]];
  };
  expect(await kept("/")).toEqual([200, "private"]);
  expect(await kept("/assets/main-9f86d081.js")).toEqual([200, "public, max-age=31536000, immutable"]);
  expect(await kept("/assets/missing.js")).toEqual([404, undefined]);
  expect(await kept("/api/events")).toEqual([200, "no-store"]);

  const first = await get("/kept/");
  expect(first.headers).toMatchObject({ ...safe, "cache-control": "no-store" });
  const [cookie = ""] = first.headers["set-cookie"] ?? [];
  expect(cookie).toMatch(/^caisson=[0-9a-f]{32}; Path=\/; HttpOnly; SameSite=Lax$/);
  const again = await get("/kept/", { cookie: cookie.split(";")[0] ?? "" });
  expect([again.status, again.headers["set-cookie"]]).toEqual([200, undefined]);
  expect(await runCli(["scale", "pages=2"], { cwd })).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/E_REPLICAS.*edge keeps a client with one replica/),
  });

  const packed = await get("/", { "accept-encoding": "gzip" });
  expect([packed.headers["content-encoding"], packed.headers.vary]).toEqual(["gzip", "Accept-Encoding"]);
  expect(packed.size).toBeLessThan(1000);

  const sizes = await Promise.all(["charts.shop.test", "else.test"].map((host) => get("/", { host })));
  expect(sizes.map(({ size }) => size)).toEqual([6000, 5000]);

  const password = (await runCli(["secret", "get", "edge-ops", "--yes"], { cwd })).stdout.trim();
  const login = async (what: string): Promise<unknown> => {
    const authorization = `Basic ${Buffer.from(what).toString("base64")}`;
    const { status, headers } = await get("/charts/", { authorization });
    return [status, headers["x-password"]];
  };
  expect((await get("/charts/")).status).toBe(401);
  expect(await login("ops:guessed")).toEqual([401, undefined]);
  expect(await login(`ops:${password}`)).toEqual([200, "none"]);

  const many: (number | undefined)[] = [];
  for (let each = 0; each < 4; each++) many.push((await get("/slow/")).status);
  expect([many[0], many[3]]).toEqual([200, 429]);
});

test("replicas that a client could not be kept with are refused as processes", async () => {
  const two = stack.replace("{ config: { greeting: name } }", "{ config: { greeting: name }, replicas: 2 }");
  const cwd = stackFolder({ "stack.ts": two, "web.mjs": program });
  expect(await runCli(["plan"], { cwd })).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/pages\/replicas: expected 1, got 2: edge keeps a client with one replica/),
  });
});

test("routes that cannot be are refused", async () => {
  const wrong = stack
    .replace('users: ["ops"],', "")
    .replace('"charts.shop.test/"', '"charts.shop.test/{}"')
    .replace("1 / 60", "0.001");
  const cwd = stackFolder({ "stack.ts": wrong, "web.mjs": program });
  expect(await runCli(["plan"], { cwd })).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(
      /\/slow\/.*one request a minute[^]*charts\.shop\.test\/\{\}.*path of a URL[^]*\/charts\/: asks for a login/,
    ),
  });
});
