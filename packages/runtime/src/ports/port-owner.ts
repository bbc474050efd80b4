import { readFileSync, readdirSync, readlinkSync } from "node:fs";
import { isIPv4 } from "node:net";
import { basename } from "node:path";
import { errorCode } from "../host/error-code.ts";

/**
 * Who listens on a TCP port of `host`, as `nginx (pid 4242)`; `undefined` where nobody does, or where there is no
 * /proc to tell. Another user's program is named only to root.
 */
export function portOwner(host: string, port: number): string | undefined {
  const inodes = listeningInodes(host, port);
  if (inodes.size === 0) return undefined;
  for (const pid of pids()) {
    if (descriptors(pid).some((link) => inodes.has(/^socket:\[(\d+)\]$/.exec(link)?.[1] ?? ""))) {
      return `${programOf(pid)} (pid ${pid})`;
    }
  }
  return "another user's program";
}

const listening = "0A";

/** A line: `0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000 1000 0 4711 ...`. */
function listeningInodes(host: string, port: number): ReadonlySet<string> {
  const end = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const found = new Set<string>();
  for (const table of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    for (const line of visible(() => readFileSync(table, "utf8"), "").split("\n")) {
      const [, local = "", , state, , , , , , inode] = line.trim().split(/\s+/);
      if (state !== listening || inode === undefined || !local.endsWith(end)) continue;
      if (clashes(local.slice(0, -end.length), host)) found.add(inode);
    }
  }
  return found;
}

/** 127.0.0.2 is no obstacle to 127.0.0.1; any address (all zeros) is one to both. */
function clashes(local: string, host: string): boolean {
  if (/^0+$/.test(local) || !isIPv4(host)) return true;
  // four bytes, the last one first; on IPv6 after ::ffff:
  const hex = host.split(".").map((part) => Number(part).toString(16).toUpperCase().padStart(2, "0"));
  return local.endsWith(hex.toReversed().join(""));
}

function pids(): number[] {
  return visible(() => readdirSync("/proc"), [])
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function descriptors(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  return visible(() => readdirSync(folder), []).map((name) => visible(() => readlinkSync(`${folder}/${name}`), ""));
}

/** `node server.ts`, `nginx`: the program and its first argument that is no option. The others may hold passwords. */
function programOf(pid: number): string {
  // argv, NUL between; a program that sets its title leaves one text with spaces
  const [program = "", ...rest] = visible(() => readFileSync(`/proc/${pid}/cmdline`, "utf8"), "").split("\0");
  const [first = "a process"] = program.split(/:? /);
  const script = rest.find((argument) => /^[^-].*\.\w+$/.test(argument));
  return [basename(first), ...(script === undefined ? [] : [basename(script)])].join(" ");
}

/** What is gone meanwhile or another user's is as good as absent. */
function visible<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch (error) {
    if (["ENOENT", "ESRCH", "EACCES", "EPERM", "ENOTDIR"].includes(errorCode(error) ?? "")) return otherwise;
    throw error;
  }
}
