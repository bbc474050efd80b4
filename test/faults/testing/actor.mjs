// A program of the fault tests. What it does is said by words: in its configuration (DOES), or in the file NAME.does of
// its working folder, which a test may write before the next start. What it did is in NAME.boots, `replica pid time`;
// `overlaps` names every start beside a living copy of the same replica.
import { execFile, spawn } from "node:child_process";
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";

const { OTEL_SERVICE_NAME: name, CAISSON_REPLICA: replica, VERSION: version, HOST: host, PORT: port } = process.env;
const says = existsSync(`${name}.does`) ? readFileSync(`${name}.does`, "utf8") : (process.env.DOES ?? "");
const words = new Map(says.split(" ").map((word) => word.split("=")));

for (const line of readLines(`${name}.boots`)) {
  const [other, pid] = line.split(" ");
  if (other === replica && isAlive(Number(pid)))
    appendFileSync("overlaps", `${name}/${replica}: ${pid} and ${process.pid}\n`);
}
appendFileSync(`${name}.boots`, `${replica} ${process.pid} ${Date.now()}\n`);
console.log(`${name} ${version} says ${says}`);

process.on("SIGTERM", () => {
  console.log(`${name} got SIGTERM`);
  if (!words.has("ignore-term")) process.exit(0);
});
if (words.has("exit")) {
  console.error(`Error: ${name} gives up`);
  setTimeout(() => process.exit(Number(words.get("exit"))), Number(words.get("after") ?? 0));
} else serve();

function serve() {
  const state = { ready: !words.has("never-ready"), live: true };
  const actions = {
    "/": () => ({ name, replica, version, pid: process.pid }),
    "/exit": (value) => setImmediate(() => process.exit(Number(value))),
    "/signal": (value) => setImmediate(() => process.kill(process.pid, value)),
    "/ready": (value) => (state.ready = value === "yes"),
    "/live": (value) => (state.live = value === "yes"),
    "/family": async () => ({ pids: await startFamily() }),
    "/zombies": (value) => makeZombies(Number(value)),
    "/eat": (value) => (globalThis.eaten = Buffer.alloc(Number(value) * 2 ** 20, 1)),
    "/say": (value) => process.stdout.write(Buffer.from(value, "base64url")),
    "/flood": (value) => flood(Number(value)),
    "/line": (value) =>
      new Promise((resolve) => process.stdout.write(`${"y".repeat(Number(value) * 2 ** 20)}\n`, () => resolve())),
  };
  const answer = async (request, response) => {
    const { pathname, search } = new URL(request.url, "http://actor");
    if (pathname === "/health/live" && !state.live) return; // a dead loop: the port is open, nothing answers
    if (pathname === "/health/live") return response.end();
    if (pathname === "/health/ready") return response.writeHead(state.ready ? 200 : 503).end(`${name} is not ready`);
    const result = await actions[pathname]?.(decodeURIComponent(search.slice(1)));
    response.end(JSON.stringify(result ?? {}));
  };
  const shared = process.env.REUSE_PORT === "1";
  const listener = createServer(answer).listen({ host, port: Number(port), reusePort: shared });
  listener.on("error", (error) => {
    console.error(`Error: ${error.code} ${error.syscall} ${port}`);
    process.exit(1);
  });
  if (process.env.MANAGEMENT_PORT)
    createServer(answer).listen(Number(process.env.MANAGEMENT_PORT), process.env.MANAGEMENT_HOST);
}

/** A child, a child of that, and one that left family and session and shows no marker. */
function startFamily() {
  const child = spawn("/bin/sh", ["-c", "sleep 600 & echo $!; wait"], { stdio: ["ignore", "pipe", "ignore"] });
  const orphan = spawn("/bin/sh", ["-c", "setsid sleep 600 & echo $!"], { stdio: ["ignore", "pipe", "ignore"] });
  return Promise.all([child, orphan].map(async ({ pid, stdout }) => [pid, Number(await firstLine(stdout))])).then(
    ([[a, b], [, c]]) => [a, b, c],
  );
}

async function firstLine(stream) {
  for await (const chunk of stream) return String(chunk);
}

/** Short children of a shell that does not wait for them: whoever inherits them has to. */
function makeZombies(count) {
  return new Promise((resolve) => {
    execFile("/bin/sh", ["-c", `i=0; while [ $i -lt ${count} ]; do (/bin/true &); i=$((i+1)); done`], () => resolve());
  });
}

/** Megabytes of lines, as fast as they are taken. */
async function flood(megabytes) {
  const line = Buffer.from(`${"x".repeat(1023)}\n`);
  const chunk = Buffer.concat(Array.from({ length: 1024 }, () => line));
  for (let count = 0; count < megabytes; count++) await new Promise((resolve) => process.stdout.write(chunk, resolve));
}

function readLines(file) {
  return existsSync(file) ? readFileSync(file, "utf8").split("\n").filter(Boolean) : [];
}

function isAlive(pid) {
  try {
    return !readFileSync(`/proc/${pid}/stat`, "latin1").includes(") Z ");
  } catch {
    return false;
  }
}
