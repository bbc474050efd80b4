import { readFileSync, readdirSync, readlinkSync } from "node:fs";
import { kernelUnits } from "./kernel-units.ts";
import { psListProcesses, psReadProcess } from "./proc-ps.ts";

/**
 * When a process started, as an opaque word to compare for equality: `<boot id>:<clock ticks since boot>` on Linux.
 * A process id together with it names one process for ever; the id alone does not.
 */
export type StartTime = string;

/** One process as the kernel shows it. */
export interface ProcessInfo {
  readonly pid: number;
  readonly parent: number;
  readonly session: number;
  /** One letter: R running, S sleeping, D in the kernel, T stopped, Z zombie. */
  readonly state: string;
  readonly startTime: StartTime;
  /** The same in the kernel's clock, to tell which of two processes is older. */
  readonly startTicks: number;
  /** The program's short name; at most 15 characters, any bytes. */
  readonly command: string;
  readonly rssBytes: number;
  /** Processor time used so far, user and system, in seconds. */
  readonly cpuSeconds: number;
}

/** Reads one process; undefined when there is none. Throws when it cannot tell (EMFILE), which is not the same. */
export function readProcess(pid: number): ProcessInfo | undefined {
  if (!hasProc()) return psReadProcess(pid);
  const text = readProcFile(`/proc/${pid}/stat`);
  return text === undefined ? undefined : parseStat(text);
}

/** Every process of the host that can be seen. */
export function listProcesses(): ProcessInfo[] {
  if (!hasProc()) return psListProcesses();
  const found: ProcessInfo[] = [];
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const info = readProcess(Number(name));
    if (info !== undefined) found.push(info);
  }
  return found;
}

/** True when `pid` is still the process that started at `startTime`, and not a zombie. */
export function isSameProcess(pid: number, startTime: StartTime): boolean {
  const info = readProcess(pid);
  return info !== undefined && info.startTime === startTime && isAlive(info);
}

/** False for a zombie: it only waits to be reaped. */
export function isAlive(info: ProcessInfo): boolean {
  return info.state !== "Z" && info.state !== "X";
}

/** Value of one variable in the environment a process was started with; undefined when absent or not readable by us. */
export function readEnvironment(pid: number, name: string): string | undefined {
  // NAME=value NUL NAME=value NUL ...; a program may have written its title over it
  const entries = readProcFile(`/proc/${pid}/environ`)?.split("\0");
  return entries?.find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1);
}

/** Arguments of a process, its name first; none for a zombie, and for what is not to be seen. */
export function readArguments(pid: number): string[] {
  // each is ended by NUL
  return (readProcFile(`/proc/${pid}/cmdline`) ?? "").split("\0").slice(0, -1);
}

/** What descriptor 0 of a process points to; undefined when not readable by us. */
export function readStdinPath(pid: number): string | undefined {
  return tolerate(() => readlinkSync(`/proc/${pid}/fd/0`));
}

/** Direct children of a process, without a scan of the whole host; undefined where the kernel has no such file. */
export function readChildren(pid: number): number[] | undefined {
  // one list a thread: a child belongs to the thread that forked it
  const threads = tolerate(() => readdirSync(`/proc/${pid}/task`));
  if (threads === undefined) return undefined;
  const lists = threads.map((thread) => readProcFile(`/proc/${pid}/task/${thread}/children`));
  if (lists.every((list) => list === undefined)) return undefined;
  return lists.flatMap((list) => (list ?? "").split(" ").filter(Boolean).map(Number));
}

/** Parses `/proc/<pid>/stat`. The command stands in parentheses and may itself hold spaces and parentheses. */
export function parseStat(text: string): ProcessInfo | undefined {
  // 42 (a (strange) name) S 1 42 42 0 -1 ...: numbering of the fields as in proc(5), the state is field 3
  const open = text.indexOf("(");
  const close = text.lastIndexOf(")");
  if (open < 0 || close < open) return undefined;
  const fields = text
    .slice(close + 2)
    .trimEnd()
    .split(" ");
  const field = (number: number): number => Number(fields[number - 3]);
  const units = kernelUnits();
  const startTicks = field(22);
  if (!Number.isFinite(startTicks)) return undefined;
  return {
    pid: Number(text.slice(0, open)),
    parent: field(4),
    session: field(6),
    state: fields[0] ?? "?",
    startTime: `${units.bootId}:${startTicks}`,
    startTicks,
    command: text.slice(open + 1, close),
    rssBytes: field(24) * units.pageSize,
    cpuSeconds: (field(14) + field(15)) / units.ticksPerSecond,
  };
}

/** True on Linux. Elsewhere `ps` answers, and what it cannot tell (environment, descriptors) is undefined. */
export function hasProc(): boolean {
  return kernelUnits().hasProc;
}

function readProcFile(path: string): string | undefined {
  return tolerate(() => readFileSync(path, "utf8"));
}

/** The process may end at any moment (ENOENT, ESRCH) or be another user's (EACCES, EPERM): both mean "not to be seen". */
function tolerate<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT" || code === "ESRCH" || code === "EACCES" || code === "EPERM") return undefined;
    throw error;
  }
}
