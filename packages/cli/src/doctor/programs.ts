import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { checker, type Check, type DoctorContext } from "./check.ts";

const { pass, warning } = checker("programs");

/** Programs that make things better where they are. What a stack cannot do without shows in its plan. */
export function programChecks({ env }: DoctorContext): readonly Check[] {
  const find = (...names: readonly string[]): string | undefined => findOnPath(names, env["PATH"] ?? "");
  return [
    optional("psql", find("psql"), "`caisson sql` uses its own plain prompt", "Install the PostgreSQL client."),
    optional(
      "redis",
      find("valkey-server", "redis-server"),
      "optional caches are left out",
      "Install valkey or redis-server.",
    ),
    optional("nginx", find("nginx"), "stacks with nginx cannot run it as a process", "Install nginx."),
  ];
}

function optional(name: string, path: string | undefined, without: string, fix: string): Check {
  return path === undefined ? warning(name, `not found: ${without}`, fix) : pass(name, path);
}

function findOnPath(names: readonly string[], path: string): string | undefined {
  // Servers are often where only root's PATH leads.
  const folders = [...path.split(delimiter), "/usr/sbin", "/usr/local/sbin"].filter((each) => each !== "");
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(executable);
}

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // not there, or not ours to run
  }
}
