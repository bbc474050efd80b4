import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { ownProgram } from "../../host/own-program.ts";

/** A line the program logged. */
export type Line = Readonly<Record<string, unknown>>;

/** How a run ended: its exit code (`null`: killed), its lines without their times, and all it wrote. */
export interface Run {
  readonly code: number | null;
  readonly lines: readonly Line[];
  readonly output: string;
}

/** Runs the program as a target does: its two files and nothing else in its environment. `onLine` may kill it. */
export async function runProvision(
  files: { readonly adminUrl?: string; readonly steps?: unknown },
  onLine: (line: Line, kill: () => void) => void = () => undefined,
): Promise<Run> {
  const folder = mkdtempSync(join(tmpdir(), "caisson-provision-run-"));
  try {
    const env: Record<string, string> = { PATH: process.env["PATH"] ?? "" };
    const put = (name: string, content: string): void => {
      env[name] = join(folder, name);
      writeFileSync(join(folder, name), content, { mode: 0o600 });
    };
    if (files.adminUrl !== undefined) put("ADMIN_URL_FILE", files.adminUrl);
    if (files.steps !== undefined)
      put("STEPS_FILE", typeof files.steps === "string" ? files.steps : JSON.stringify(files.steps));
    const child = spawn(process.execPath, [ownProgram("provision")], { env, stdio: ["ignore", "pipe", "pipe"] });
    const lines: Line[] = [];
    let output = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (output += text));
    createInterface(child.stdout).on("line", (text) => {
      output += `${text}\n`;
      // One JSON object a line is what the test is about.
      const { time, ...line } = JSON.parse(text) as Record<string, unknown>;
      if (typeof time !== "number") throw new Error(`expected a time in ${text}`);
      lines.push(line);
      onLine(line, () => child.kill("SIGKILL"));
    });
    const [code] = (await once(child, "close")) as [number | null];
    return { code, lines, output };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
