import { delimiter } from "node:path";
import { findProgram } from "../child/find-program.ts";
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
  const folders = [path, "/usr/sbin", "/usr/local/sbin"].join(delimiter);
  for (const name of names) {
    const found = findProgram(name, folders);
    if (found !== undefined) return found;
  }
  return undefined;
}
