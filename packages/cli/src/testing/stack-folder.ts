import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { runCli } from "./run-cli.ts";
import { tempFolder } from "./temp-folder.ts";

/** A service of a test: answers on its port, says what it was told, and does as `/exit` says. */
const service = `
import { createServer } from "node:http";
import { readFileSync } from "node:fs";
console.log("greeting", process.env.GREETING);
if (process.env.KEY_FILE) console.log("key of", readFileSync(process.env.KEY_FILE, "utf8").length, "characters");
const server = createServer((request, response) => {
  if (request.url === "/exit") process.exit(3);
  response.statusCode = request.url === "/health/ready" && process.env.GREETING === "never" ? 503 : 200;
  response.end(process.env.GREETING);
});
server.listen(Number(process.env.PORT), process.env.HOST);
process.on("SIGTERM", () => { console.log("draining"); server.close(() => process.exit(0)); server.closeAllConnections(); });
`;

const command = `
console.log(JSON.stringify({ args: process.argv.slice(2), greeting: process.env.GREETING, cwd: process.cwd() }));
process.exit(Number(process.argv[2] ?? 0));
`;

const stack = `
import { command, defineProgram, defineStack, job, profile, secret, SecretText, service, Type } from "@caisson/core";

const web = (name: string, port: number) => defineProgram(import.meta, name, {
  main: "./service.mjs",
  management: false,
  config: Type.Object({ greeting: Type.String(), key: SecretText(16) }),
  http: { port },
});
const tool = defineProgram(import.meta, "tool", {
  main: "./command.mjs",
  management: false,
  config: Type.Object({ greeting: Type.String() }),
});
const params = Type.Object({
  greeting: Type.String({ default: "hello", description: "what web answers" }),
  level: Type.Union([Type.Literal("low"), Type.Literal("high")], { default: "low" }),
});

export default defineStack("demo", { params, environments: { dev: {}, prod: { greeting: "good day" } } }, (p) => {
  const setup = job(tool, { name: "setup", config: { greeting: p.greeting } });
  const api = service(web("api", 18123), { config: { greeting: p.greeting, key: secret("api-key") }, after: [setup], public: true });
  return [
    setup,
    api,
    service(web("worker", 18124), { config: { greeting: p.greeting, key: secret("api-key") }, after: [api] }),
    command(tool, { name: "greet", config: { greeting: p.greeting } }),
    profile("extra", [service(web("more", 18125), { config: { greeting: "more", key: secret("more-key", { provided: true }) } })]),
  ];
});
`;

/** A folder with a small stack: \`setup\` (job), \`api\` after it, \`worker\` after that, \`greet\` (command), profile \`extra\`. */
export function stackFolder(files: Readonly<Record<string, string>> = {}): string {
  const folder = tempFolder();
  const all = {
    "stack.ts": stack,
    "service.mjs": service,
    "command.mjs": command,
    "package.json": '{"type":"module"}',
    ...files,
  };
  for (const [name, text] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  // Whatever a test leaves running goes before its folder does.
  onTestFinished(async () => {
    if (existsSync(join(folder, ".caisson"))) await runCli(["down", "--all", "-v", "--yes"], { cwd: folder });
  });
  return folder;
}
