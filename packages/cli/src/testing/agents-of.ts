import { readdirSync, readFileSync } from "node:fs";

/** Processes of agents, also of such that serve nobody yet, of stacks below a folder. */
export function agentsOf(folder: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      const argv = argvOf(pid);
      return argv.some((each) => /\/agent\/main\.[jt]s$/.test(each)) && argv.includes(folder);
    })
    .map(Number);
}

/** The command line of a process, empty where it is gone. */
export function argvOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  } catch {
    return []; // it ended
  }
}
