import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A line that a program logged. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly msg?: string; readonly level?: string };

/** A program of `programs/` as a real child process. */
export interface TestProgram {
  readonly pid: number;
  readonly lines: readonly LogLine[];
  /** Everything it wrote, to look for what must not be there. */
  readonly output: () => string;
  /** The first line, already written or to come, that fits; rejects when the program ends before. */
  readonly line: (fits: (line: LogLine) => boolean) => Promise<LogLine>;
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly exit: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  /** Base URLs, once the program has said them. */
  readonly publicUrl: () => Promise<string>;
  readonly managementUrl: () => Promise<string>;
}

/** Starts `programs/<name>.ts` with nothing in its environment but `env`. Every program is killed at the end by {@link endPrograms}. */
export function startProgram(
  name: string,
  env: Readonly<Record<string, string>> = {},
  args: readonly string[] = [],
): TestProgram {
  const file = fileURLToPath(new URL(`./programs/${name}.ts`, import.meta.url));
  const child = spawn(process.execPath, [file, ...args], {
    env: { PORT: "0", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exit = once(child, "exit").then(([code, signal]) => {
    alive.delete(child);
    return { code: code as number | null, signal: signal as NodeJS.Signals | null };
  });
  alive.add(child);
  const lines: LogLine[] = [];
  const raw: string[] = [];
  const waiting = new Set<{ readonly look: () => void; readonly give: () => void }>();
  const reader = createInterface(child.stdout);
  reader.on("line", (text) => {
    raw.push(text);
    lines.push(JSON.parse(text) as LogLine);
    for (const { look } of waiting) look();
  });
  let closed = false;
  reader.on("close", () => {
    closed = true;
    for (const { give } of waiting) give();
  });
  child.stderr.on("data", (chunk: Buffer) => raw.push(chunk.toString()));
  const line: TestProgram["line"] = (fits) =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = lines.find(fits);
        if (!found) return;
        waiting.delete(waiter);
        resolve(found);
      };
      const give = (): void => reject(new Error(`${name} ended without the line; it wrote:\n${raw.join("\n")}`));
      const waiter = { look, give };
      waiting.add(waiter);
      look();
      if (closed) give();
    });
  return {
    pid: child.pid ?? 0,
    lines,
    output: () => raw.join("\n"),
    line,
    kill: (signal) => void child.kill(signal),
    exit,
    publicUrl: async () => `http://127.0.0.1:${String((await line(({ msg }) => msg === "ready"))["port"])}`,
    managementUrl: async () => `http://${String((await line(({ msg }) => msg === "management listens"))["address"])}`,
  };
}

const alive = new Set<ReturnType<typeof spawn>>();

/** Kills what a test left behind; for `afterEach`. */
export async function endPrograms(): Promise<void> {
  await Promise.all(
    [...alive].map(async (child) => {
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      if (child.exitCode === null && child.signalCode === null) await ended;
    }),
  );
}
