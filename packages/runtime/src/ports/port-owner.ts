import { readFileSync, readdirSync, readlinkSync } from "node:fs";
import { readProcess } from "../supervisor/proc.ts";

/** Who listens on a TCP port, as `nginx (pid 4242)`; `undefined` where it cannot be told (another user's, no /proc). */
export function portOwner(port: number): string | undefined {
  const inodes = listeners(port);
  if (inodes.size === 0) return undefined;
  for (const pid of pids()) {
    for (const link of descriptors(pid)) {
      const inode = /^socket:\[(\d+)\]$/.exec(link)?.[1];
      if (inode !== undefined && inodes.has(inode)) return `${readProcess(pid)?.command ?? "a process"} (pid ${pid})`;
    }
  }
  return "another user's program";
}

/** Inodes of sockets in state LISTEN on the port. A line: `0: 0100007F:1F90 00000000:0000 0A ... uid timeout inode`. */
function listeners(port: number): ReadonlySet<string> {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  const found = new Set<string>();
  for (const table of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    for (const line of read(() => readFileSync(table, "utf8"), "").split("\n")) {
      const fields = line.trim().split(/\s+/);
      if (fields[3] === "0A" && fields[1]?.endsWith(`:${hex}`) && fields[9] !== undefined) found.add(fields[9]);
    }
  }
  return found;
}

function pids(): number[] {
  return read(() => readdirSync("/proc"), [])
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function descriptors(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  return read(() => readdirSync(folder), []).map((name) => read(() => readlinkSync(`${folder}/${name}`), ""));
}

/** What cannot be read (gone meanwhile, another user's) is as good as absent: this only words an error. */
function read<T>(get: () => T, otherwise: T): T {
  try {
    return get();
  } catch {
    return otherwise;
  }
}
