import type { Project } from "@caisson/runtime";
import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { CommandError } from "../errors/command-error.ts";

/**
 * Every stack and environment that has state in the project a folder is in. It is read from the state's folders, so that
 * a stack can be taken down whose definition does not load, or is gone.
 */
export function projectsBelow(cwd: string): readonly Project[] {
  const root = withState(cwd);
  if (root === undefined)
    throw new CommandError("E_FILE", `expected .caisson in ${cwd} or a folder above: nothing was ever started here`);
  return folders(join(root, ".caisson")).flatMap((stack) =>
    folders(join(root, ".caisson", stack)).map((environment) => ({ root, stack, environment })),
  );
}

function withState(folder: string): string | undefined {
  if (existsSync(join(folder, ".caisson"))) return folder;
  const parent = dirname(folder);
  return parent === folder ? undefined : withState(parent);
}

function folders(path: string): string[] {
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .toSorted();
}
