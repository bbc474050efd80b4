import { CaissonError, nearest } from "@caisson/core/errors";
import { existsSync, readdirSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, extname, isAbsolute, join, resolve } from "node:path";
import { ancestors, projectRoot } from "./project-root.ts";

/**
 * The stack file a command is about, as an absolute path. `argument` is a file, a folder with a `stack.ts`, or the bare
 * name of a stack under the project's `stacks/`; without one it is the `stack.ts` here or in a parent of the project,
 * else the only one under `stacks/`. Throws E_STACK_LOAD naming what was looked for where, and the nearest name.
 */
export function findStack(cwd: string, argument?: string): string {
  if (argument === undefined) return findUnnamed(cwd);
  return isPath(argument) ? findFile(resolve(cwd, argument)) : findNamed(cwd, argument);
}

function isPath(argument: string): boolean {
  return isAbsolute(argument) || /[/\\]/.test(argument) || argument.startsWith(".") || extname(argument) !== "";
}

function findFile(path: string): string {
  const kind = statSync(path, { throwIfNoEntry: false });
  if (kind?.isFile()) return path;
  if (kind?.isDirectory()) {
    const inside = join(path, "stack.ts");
    if (existsSync(inside)) return inside;
    throw new CaissonError("E_STACK_LOAD", `expected a stack file, got the folder ${path}, which has no stack.ts`);
  }
  const near = nearest(basename(path), entries(dirname(path)));
  const hint = near === undefined ? "" : `; did you mean ${near}?`;
  throw new CaissonError("E_STACK_LOAD", `expected a stack file, but ${path} does not exist${hint}`);
}

function findNamed(cwd: string, name: string): string {
  const root = projectRoot(cwd) ?? cwd;
  const path = join(root, "stacks", name, "stack.ts");
  if (existsSync(path)) return path;
  const known = stacksUnder(root);
  const near = nearest(name, known);
  throw new CaissonError(
    "E_STACK_LOAD",
    `there is no stack ${JSON.stringify(name)}: looked for ${path}${near === undefined ? "" : `; did you mean ${near}?`} ` +
      (known.length === 0 ? "(no stack is under stacks/)" : `(stacks: ${known.join(", ")})`),
    { hint: "Give the name of a folder under stacks/, or a file: `-f path/to/stack.ts`." },
  );
}

function findUnnamed(cwd: string): string {
  const project = projectRoot(cwd);
  const folders = ancestors(cwd);
  const reach = project === undefined ? folders : folders.slice(0, folders.indexOf(project) + 1);
  for (const folder of reach) {
    const path = join(folder, "stack.ts");
    if (existsSync(path) && (folder === cwd || isOurs(path, cwd))) return path;
  }
  const root = project ?? cwd;
  const [only, ...more] = stacksUnder(root);
  if (only !== undefined && more.length === 0) return join(root, "stacks", only, "stack.ts");
  if (only !== undefined)
    throw new CaissonError("E_STACK_LOAD", `${root} has several stacks: ${[only, ...more].join(", ")}`, {
      hint: "Say which one: `-f NAME`.",
    });
  const parents = reach.length > 1 ? ` or a parent up to ${reach.at(-1)}` : "";
  throw new CaissonError(
    "E_STACK_LOAD",
    `no stack found: looked for stack.ts in ${cwd}${parents}, and ${root}/stacks/*`,
    {
      hint: "Go to the stack's folder, or name its file: `-f path/to/stack.ts`.",
    },
  );
}

/** A stack file is code: one that someone else left in a shared parent folder (`/tmp`) is not picked up unasked. */
function isOurs(path: string, cwd: string): boolean {
  return statSync(path).uid === statSync(cwd).uid;
}

function stacksUnder(root: string): string[] {
  const folder = join(root, "stacks");
  return entries(folder)
    .filter((name) => existsSync(join(folder, name, "stack.ts")))
    .toSorted();
}

function entries(folder: string): string[] {
  return existsSync(folder) && statSync(folder).isDirectory() ? readdirSync(realpathSync(folder)) : [];
}
