import { stackFolder } from "./stack-folder.ts";

const stack = `
import { defineProgram, defineStack, HttpUrl, pod, secret, SecretText, service, Type } from "@caisson/core";
const program = (name: string, port: number) => defineProgram(import.meta, name, {
  main: "./program.mjs",
  management: false,
  config: Type.Object({ key: SecretText(16), askUrl: Type.Optional(HttpUrl) }),
  http: { port },
});
const key = secret("key");
const users = service(program("users", 8201), { config: { key } });
const gateway = service(program("gateway", 8202), { config: { key, askUrl: users.url }, after: [users], public: true });
const outside = service(program("outside", 8203), { config: { key, askUrl: gateway.url }, after: [gateway], public: true });
export default defineStack("NAME", [pod("core", [users, gateway], { limits: { memory: "256MB" } }), outside]);
`;

/** Says who it is, whom it asks, and what that one said. */
const program = `
import { createServer } from "node:http";
import { readFileSync } from "node:fs";
const { OTEL_SERVICE_NAME: name, ASK_URL: url, KEY_FILE: key } = process.env;
console.log("has a key of", readFileSync(key, "utf8").length, "characters");
const server = createServer(async (request, response) => {
  if (request.url !== "/") return response.end();
  const said = url === undefined ? null : { url, said: await (await fetch(url)).json() };
  response.end(JSON.stringify({ name, pid: process.pid, ...said }));
});
server.listen(Number(process.env.PORT), process.env.HOST);
process.on("SIGTERM", () => { console.log("drains"); server.close(() => process.exit(0)); server.closeAllConnections(); });
`;

/** A folder with a stack of this name: the pod `core` of `users` and of `gateway`, which asks it; `outside` asks the gateway. */
export function podFolder(name: string): string {
  return stackFolder({ "stack.ts": stack.replace("NAME", name), "program.mjs": program });
}
