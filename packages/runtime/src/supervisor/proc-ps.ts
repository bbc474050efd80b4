import { execFileSync } from "node:child_process";
import type { ProcessInfo } from "./proc.ts";

const columns = ["pid", "ppid", "sess", "state", "rss", "time", "lstart", "comm"];

/** {@link ProcessInfo} of every process by way of `ps`, for hosts without /proc. Start times have whole seconds. */
export function psListProcesses(): ProcessInfo[] {
  return runPs(["-A"]);
}

/** As {@link psListProcesses}, of one process. */
export function psReadProcess(pid: number): ProcessInfo | undefined {
  return runPs(["-p", String(pid)])[0];
}

function runPs(selection: readonly string[]): ProcessInfo[] {
  const format = columns.flatMap((column) => ["-o", `${column}=`]);
  try {
    const text = execFileSync("ps", [...selection, ...format], {
      encoding: "utf8",
      env: { PATH: "/bin:/usr/bin", LC_ALL: "C" },
      stdio: ["ignore", "pipe", "ignore"],
      maxBuffer: 16 << 20,
    });
    return text.split("\n").flatMap((line) => parseLine(line) ?? []);
  } catch (error) {
    // exit status 1: no such process
    if (error instanceof Error && "status" in error && error.status === 1) return [];
    throw error;
  }
}

/** `  42   1  42 Ss   1184 00:00:01 Mon Jan  1 12:00:00 2029 node` */
function parseLine(line: string): ProcessInfo | undefined {
  const match = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(\S)\S*\s+(\d+)\s+(\S+)\s+(\S+\s+\S+\s+\d+\s+[\d:]+\s+\d+)\s+(.*)$/.exec(
    line,
  );
  if (match === null) return undefined;
  const [, pid, parent, session, state, rss, time, started = "", command = ""] = match;
  return {
    pid: Number(pid),
    parent: Number(parent),
    session: Number(session) || 0,
    state: state ?? "?",
    startTime: started.replaceAll(/\s+/g, " "),
    startTicks: Date.parse(started) / 1000,
    command: command.slice(command.lastIndexOf("/") + 1),
    rssBytes: Number(rss) * 1024,
    cpuSeconds: parseTime(time ?? ""),
  };
}

/** `[[dd-]hh:]mm:ss[.cc]` in seconds. */
function parseTime(text: string): number {
  const [days, clock = text] = text.includes("-") ? text.split("-") : ["0", text];
  return clock.split(":").reduce((total, part) => total * 60 + Number(part), 0) + Number(days) * 86_400;
}
