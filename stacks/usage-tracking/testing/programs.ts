import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { nodeArguments } from "@caisson/core";
import { freePort, until } from "./database.ts";

/** Node as the stack starts it: each service has 512 MB. */
export const nodeAsLimited = nodeArguments(512 * 1024 ** 2);

/** What every program of a test's stack is configured with. */
export interface StackConfig {
  readonly databaseUrl: string;
  readonly pepper: string;
  readonly redisUrl?: string;
  /** A Redis that is the queue. */
  readonly queueUrl?: string;
  /** Other configuration, as environment variables. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A running program of the stack. `crash` is kill -9, `stop` is SIGTERM; both wait for the end. */
export interface RunningProgram extends AsyncDisposable {
  readonly url: string;
  readonly management: string;
  readonly pid: number;
  /** What it logged so far. */
  readonly log: () => string;
  readonly ready: () => Promise<void>;
  readonly crash: () => Promise<void>;
  /** Resolves to the exit code. */
  readonly stop: () => Promise<number | null>;
}

type Service = "api-gateway" | "event-processor" | "query-service" | "aggregation-service";

/** Starts a service as a supervisor would: environment from nothing, secrets in files, ports given. */
export async function startProgram(
  name: Service,
  config: StackConfig,
  ports?: { readonly port: number; readonly managementPort: number },
): Promise<RunningProgram> {
  const port = ports?.port ?? (await freePort());
  const managementPort = ports?.managementPort ?? (await freePort());
  const files = secretFiles(config);
  const child = spawn(process.execPath, [...nodeAsLimited, mainOf(name)], {
    env: {
      ...baseEnvironment(),
      // Tests send as fast as they can; the one about the limit says its own.
      RATE_LIMIT_PER_MINUTE: "6000000",
      RATE_LIMIT_BURST: "100000",
      ...config.env,
      ...files.env,
      PORT: String(port),
      MANAGEMENT_PORT: String(managementPort),
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let log = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data: Buffer) => (log += data.toString()));
  const exited = once(child, "exit") as Promise<[number | null]>;
  const management = `http://127.0.0.1:${managementPort}`;
  const end = async (signal: "SIGKILL" | "SIGTERM"): Promise<number | null> => {
    child.kill(signal);
    const [code] = await exited;
    files.remove();
    return code;
  };
  return {
    url: `http://127.0.0.1:${port}`,
    management,
    // Spawning a program of this machine's own Node does not fail.
    pid: child.pid ?? 0,
    log: () => log,
    ready: () =>
      until(async () => {
        if (child.exitCode !== null) throw new Error(`${name} exited with ${child.exitCode}: ${log}`);
        const answer = await fetch(`${management}/health/ready`);
        const text = await answer.text();
        if (!answer.ok) throw new Error(`${name} is not ready: ${text}`);
      }),
    crash: async () => void (await end("SIGKILL")),
    stop: () => end("SIGTERM"),
    [Symbol.asyncDispose]: async () => void (await end("SIGKILL")),
  };
}

/** What a program that ended wrote, and its exit code. */
export interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
}

type Job = "migrate" | "create-key" | "billing-rule" | "dead-letters" | "list-keys" | "revoke-key" | "rotate-key";

/** Starts a program that ends by itself, unless it is crashed (kill -9) before. */
export function startJob(
  name: Job,
  config: StackConfig,
  args: readonly string[] = [],
): { readonly ended: Promise<Ended>; readonly crash: () => Promise<void> } {
  const files = secretFiles(config);
  const child = spawn(process.execPath, [mainOf(name), ...args], {
    env: { ...baseEnvironment(), ...config.env, ...files.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const texts = { stdout: "", stderr: "" };
  child.stdout.on("data", (data: Buffer) => (texts.stdout += data.toString()));
  child.stderr.on("data", (data: Buffer) => (texts.stderr += data.toString()));
  const ended = (once(child, "close") as Promise<[number | null]>).then(([code]) => {
    files.remove();
    return { ...texts, code };
  });
  const crash = async (): Promise<void> => {
    child.kill("SIGKILL");
    await ended;
  };
  return { ended, crash };
}

/** Runs a program to its end. */
export function runProgram(name: Job, config: StackConfig, args: readonly string[] = []): Promise<Ended> {
  return startJob(name, config, args).ended;
}

/** Makes an API key with the stack's own command, of all scopes unless `scopes` says which. */
export async function makeKey(config: StackConfig, tenant: string, scopes?: string): Promise<string> {
  const args = ["--tenant", tenant, ...(scopes === undefined ? [] : ["--scopes", scopes])];
  const { stdout, stderr, code } = await runProgram("create-key", config, args);
  if (code !== 0) throw new Error(`create-key failed with ${code}: ${stdout}${stderr}`);
  return stdout.trim();
}

function mainOf(name: string): string {
  return fileURLToPath(new URL(`../services/${name}/main.ts`, import.meta.url));
}

function baseEnvironment(): Record<string, string> {
  return { PATH: process.env["PATH"] ?? "", LOG_LEVEL: "debug" };
}

function secretFiles({ databaseUrl, pepper, redisUrl, queueUrl }: StackConfig): {
  env: Record<string, string>;
  remove(): void;
} {
  const folder = mkdtempSync(join(tmpdir(), "usage-program-"));
  const env: Record<string, string> = {};
  const values = {
    DATABASE_URL: databaseUrl,
    API_KEY_PEPPER: pepper,
    ...(redisUrl && { REDIS_URL: redisUrl }),
    ...(queueUrl && { QUEUE_URL: queueUrl }),
  };
  for (const [variable, value] of Object.entries(values)) {
    env[`${variable}_FILE`] = join(folder, variable);
    writeFileSync(join(folder, variable), value, { mode: 0o600 });
  }
  return { env, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
