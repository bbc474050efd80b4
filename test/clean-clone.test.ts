import { spawn, type ChildProcess } from "node:child_process";
import { chmodSync, chownSync, cpSync, lstatSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeTempFolder, repo, run } from "./testing/repo.ts";

/*
 * What a new user does: a clean clone, `npm ci && npm start`, on a machine with nothing but Node and npm. PATH has those
 * two and a shell, so no Redis, Docker, nginx or PostgreSQL of the system is found. Ctrl-C ends it in order.
 */

const nobody = { uid: 65_534, gid: 65_534 };
const { folder, remove } = makeTempFolder();
const clone = join(folder, "clone");
const bare = join(folder, "bin");

beforeAll(async () => {
  chmodSync(folder, 0o755);
  mkdirSync(bare);
  for (const name of ["sh", "env", "node", "npm", "npx"]) symlinkSync(await found(name), join(bare, name));
  expect((await run("git", ["clone", "--quiet", "--no-hardlinks", repo, clone])).code).toBe(0);
  const installed = await run(join(bare, "npm"), ["ci", "--no-audit", "--no-fund"], {
    cwd: clone,
    env: bareEnv(folder),
    timeout: 300_000,
  });
  expect(installed.code, installed.stderr).toBe(0);
}, 400_000);
afterAll(remove);

describe("npm start in a clean clone", () => {
  it("brings the stack up, serves, and ends on Ctrl-C", { timeout: 180_000 }, () => startAndStop(clone, folder));

  it.skipIf(process.getuid?.() !== 0)("does the same as an unprivileged user", { timeout: 240_000 }, async () => {
    const home = join(folder, "home");
    cpSync(clone, join(home, "clone"), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => !path.endsWith("/.caisson"),
    });
    give(home);
    await startAndStop(join(home, "clone"), home, nobody);
  });
});

async function startAndStop(cwd: string, home: string, user: { uid?: number; gid?: number } = {}): Promise<void> {
  const child = spawn(join(bare, "npm"), ["start"], {
    cwd,
    env: bareEnv(home),
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
    ...user,
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (said += text));
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  try {
    const url = await untilSaid(
      () => /api-gateway +(http:\/\/127\.0\.0\.1:\d+)/.exec(said)?.[1],
      ended,
      () => said,
    );
    const answer = await fetch(`${url}/api/v1/events`, {
      method: "POST",
      body: "{}",
      headers: { "content-type": "application/json" },
    });
    // No key: it is the stack's own service that answers, and it lets nobody in.
    expect(answer.status).toBe(401);
  } finally {
    interrupt(child);
  }
  await ended;
  // npm hands the signal on and then ends of it itself; what counts is that the stack went down in order before.
  expect(said).toMatch(/postgres +Exited +stopped \(exit code 0\)/);
}

/** A terminal sends Ctrl-C to every process of the foreground. */
function interrupt(child: ChildProcess): void {
  if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
    process.kill(-child.pid, "SIGINT");
}

async function untilSaid(look: () => string | undefined, ended: Promise<unknown>, said: () => string): Promise<string> {
  let over = false;
  void ended.then(() => (over = true));
  for (;;) {
    const word = look();
    if (word !== undefined) return word;
    if (over) throw new Error(`npm start ended before the stack was up:\n${said()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function found(name: string): Promise<string> {
  // The launcher must work when npm itself is run by an older Node: take the system's, not the pinned one.
  const path = (process.env["PATH"] ?? "")
    .split(delimiter)
    .filter((entry) => !entry.includes("node_modules"))
    .join(delimiter);
  const { stdout } = await run("/bin/sh", ["-c", `command -v ${name}`], { env: { PATH: path } });
  return stdout.trim();
}

function bareEnv(home: string): NodeJS.ProcessEnv {
  return { PATH: bare, HOME: home, npm_config_cache: join(home, ".npm"), ...registryOf(process.env) };
}

/** How npm reaches its registry on this machine is the machine's business. */
function registryOf(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) =>
      /^(npm_config_(registry|cafile)|(https?|no)_proxy|NODE_EXTRA_CA_CERTS|SSL_CERT_FILE)$/i.test(name),
    ),
  );
}

function give(path: string): void {
  if (lstatSync(path).isSymbolicLink()) return;
  chownSync(path, nobody.uid, nobody.gid);
  if (lstatSync(path).isDirectory()) for (const name of readdirSync(path)) give(join(path, name));
}
