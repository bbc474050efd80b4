import { readdirSync, readFileSync } from "node:fs";
import type { ClientBase } from "pg";

/** Tells the CPU seconds that the server of a connection has used so far. */
export async function serverCpu(client: ClientBase): Promise<() => number> {
  const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
  const postmaster = statOf(rows[0]?.pid ?? 0).parent;
  return () => serverSeconds(postmaster);
}

/** CPU seconds that a process has used so far. */
export function cpuSeconds(pid: number): number {
  return statOf(pid).own / 100;
}

/** Of a postmaster, every process of it, and those that ended. */
function serverSeconds(postmaster: number): number {
  const processes = readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0);
  const own = processes.filter((pid) => statOf(pid).parent === postmaster);
  const ticks = statOf(postmaster).ended + [postmaster, ...own].reduce((sum, pid) => sum + statOf(pid).own, 0);
  return ticks / 100;
}

/** Of a process: its parent, and in hundredths of a second the CPU time of itself and of children that ended. */
function statOf(pid: number): { readonly parent: number; readonly own: number; readonly ended: number } {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    // Behind the name, which may hold anything: state, parent, ..., utime, stime, cutime, cstime.
    const fields = text
      .slice(text.lastIndexOf(")") + 2)
      .split(" ")
      .map(Number);
    const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = fields.slice(11, 15);
    return { parent: fields[1] ?? 0, own: user + system, ended: endedUser + endedSystem };
  } catch {
    return { parent: 0, own: 0, ended: 0 }; // it ended in the meantime
  }
}
