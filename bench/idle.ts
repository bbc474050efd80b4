import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { setTimeout as delay } from "node:timers/promises";
import { caisson } from "./lib/caisson.ts";
import { atMost, type Figure } from "./lib/figure.ts";
import { run } from "./lib/run.ts";

const stack = fileURLToPath(new URL("twelve/stack.ts", import.meta.url));
const settleMs = 15_000;
const measureMs = 30_000;

/** What the agent costs while twelve services run and nothing happens: resident memory and processor time. */
export async function idle(): Promise<readonly Figure[]> {
  await run([...caisson, "up", "-f", stack, "-d", "--wait"]);
  try {
    const { stdout } = await run([...caisson, "doctor", "-f", stack, "--format", "json"]);
    // { "checks": [{ "name": "agent", "message": "runs as 4242, version 0.1.0" }, ...] }
    const pid = Number(/runs as (\d+),/.exec(stdout)?.[1]);
    await delay(settleMs);
    const before = cpuSeconds(pid);
    await delay(measureMs);
    const percent = ((cpuSeconds(pid) - before) / (measureMs / 1000)) * 100;
    const megabytes = residentBytes(pid) / 1024 ** 2;
    return [
      atMost("idle agent RSS / 75 MB", megabytes / 75, 1, `${megabytes.toFixed(1)} MB with twelve services`),
      atMost("idle agent CPU / 0.5 %", percent / 0.5, 1, `${percent.toFixed(2)} % over ${measureMs / 1000} s`),
    ];
  } finally {
    await run([...caisson, "down", "-f", stack]);
  }
}

function cpuSeconds(pid: number): number {
  // Fields 14 and 15 of proc(5), in ticks of 1/100 s; the command in parentheses may hold spaces.
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function residentBytes(pid: number): number {
  const match = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return Number(match?.[1]) * 1024;
}
