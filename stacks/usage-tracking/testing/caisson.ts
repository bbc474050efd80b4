import { execFile, spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { until } from "./database.ts";

/** The stack as `caisson up` runs it, in a project of its own. Disposing takes it down with its data. */
export interface SupervisedStack extends AsyncDisposable {
  /** The project's folder. */
  readonly root: string;
  /** The address of a service. */
  readonly url: (service: string) => Promise<string>;
  /** The address of a service's management listener. */
  readonly management: (service: string) => Promise<string>;
  readonly databaseUrl: () => Promise<string>;
  /** `caisson run NAME -- ARGS`: what it printed. */
  readonly command: (name: string, ...args: string[]) => Promise<string>;
  /** `caisson up` as it was brought up; resolves when everything is ready. */
  readonly up: () => Promise<void>;
  /** Any verb, for this stack; resolves to what it printed. */
  readonly caisson: (...args: readonly string[]) => Promise<string>;
  /** `caisson run create-key`. */
  readonly makeKey: (tenant: string) => Promise<string>;
  /** kill -9 of a resource's process and its children; resolves when the supervisor has it ready again. */
  readonly crash: (resource: string) => Promise<void>;
}

interface Resource {
  readonly name: string;
  readonly state: string;
  readonly healthStatus: string;
  readonly pids: readonly number[];
  readonly addresses: Readonly<Record<string, string>>;
}

const repository = fileURLToPath(new URL("../../../", import.meta.url));
const launcher = join(repository, "packages/cli/bin/caisson.cjs");

/** Copies the stack into a temporary project and brings it up; rejects with what `up` printed. */
export async function superviseStack(
  params: readonly string[],
  profiles: readonly string[] = [],
): Promise<SupervisedStack> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "usage-stack-")));
  const folder = join(root, "stacks/usage-tracking");
  mkdirSync(folder, { recursive: true });
  cpSync(join(repository, "stacks/usage-tracking"), folder, { recursive: true });
  symlinkSync(join(repository, "node_modules"), join(root, "node_modules"));
  for (const file of ["package.json", "package-lock.json"]) {
    writeFileSync(join(root, file), readFileSync(join(repository, file)));
  }
  const run = async (...args: readonly string[]): Promise<string> => {
    const env = { PATH: process.env["PATH"], HOME: process.env["HOME"], CAISSON_FILE: "usage-tracking" };
    const { stdout } = await promisify(execFile)(process.execPath, [launcher, ...args], { cwd: root, env });
    return stdout;
  };
  const down = async (): Promise<void> => {
    await run("down", "-v", "--yes");
    rmSync(root, { recursive: true, force: true });
  };
  const find = async (name: string): Promise<Resource> => {
    const { resources } = JSON.parse(await run("ps", "--format", "json")) as { resources: Resource[] };
    const found = resources.find((resource) => resource.name === name);
    if (!found) throw new Error(`expected a resource ${name}`);
    return found;
  };
  const environment = async (service: string): Promise<Map<string, string>> => {
    const lines = (await run("env", service)).trim().split("\n");
    return new Map(lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
  };
  const up = async (): Promise<void> => {
    const choices = [
      ...params.flatMap((param) => ["--set", param]),
      ...profiles.flatMap((name) => ["--profile", name]),
    ];
    await run("up", "-d", "--wait", "--wait-timeout", "120", ...choices);
  };
  try {
    await up();
  } catch (error) {
    await down();
    throw error;
  }
  return {
    root,
    url: async (service) => (await find(service)).addresses["http"] ?? "",
    management: async (service) => `http://127.0.0.1:${(await environment(service)).get("MANAGEMENT_PORT")}`,
    databaseUrl: async () =>
      readFileSync((await environment("event-processor")).get("DATABASE_URL_FILE") ?? "", "utf8").trim(),
    command: (name, ...args) => run("run", name, "--", ...args),
    up,
    caisson: run,
    makeKey: async (tenant) => (await run("run", "create-key", "--", "--tenant", tenant)).trim(),
    crash: async (name) => {
      const { pids } = await find(name);
      for (const pid of pids) killWithChildren(pid);
      await until(async () => {
        const now = await find(name);
        const renewed = now.pids.length > 0 && !now.pids.some((pid) => pids.includes(pid));
        if (!renewed || now.healthStatus !== "Ready")
          throw new Error(`expected a new ${name}, got ${JSON.stringify(now)}`);
      });
    },
    [Symbol.asyncDispose]: down,
  };
}

/** Children first, their parent stopped meanwhile: the backends of a PostgreSQL die with it, as in a power cut. */
function killWithChildren(pid: number): void {
  process.kill(pid, "SIGSTOP");
  const { stdout } = spawnSync("ps", ["-o", "pid=", "--ppid", String(pid)], { encoding: "utf8" });
  for (const child of stdout.split("\n").map(Number)) {
    if (child > 0) process.kill(child, "SIGKILL");
  }
  process.kill(pid, "SIGKILL");
}
