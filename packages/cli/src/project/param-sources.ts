import type { ParamSources } from "@caisson/core";
import { readDotenv } from "@caisson/runtime";
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { CommandError } from "../errors/command-error.ts";
import type { ResolveFlags, World } from "./open.ts";

/**
 * Where a stack's parameters come from: --set, the environment, and `.env` beside the stack file or in the project. Of the
 * latter two only `variables`, the ones that set a parameter.
 */
export function paramSources(
  { cwd, env }: Pick<World, "cwd" | "env">,
  stack: { readonly root: string; readonly file: string },
  flags: Pick<ResolveFlags, "set" | "env-file">,
  variables: readonly string[],
): ParamSources {
  const only = (from: Readonly<Record<string, string | undefined>>): Record<string, string> =>
    Object.fromEntries(variables.flatMap((name) => (from[name] === undefined ? [] : [[name, from[name]]])));
  return { set: Object.fromEntries(flags.set), env: only(env), dotenv: only(dotenv(cwd, stack, flags["env-file"])) };
}

function dotenv(
  cwd: string,
  { root, file }: { readonly root: string; readonly file: string },
  named: string | undefined,
): Readonly<Record<string, string>> {
  if (named !== undefined) {
    const path = resolve(cwd, named);
    if (!existsSync(path))
      throw new CommandError("E_FILE", `--env-file: expected a file of parameters, but ${path} does not exist`);
    return readDotenv(path);
  }
  const path = [dirname(file), root].map((folder) => join(folder, ".env")).find((each) => existsSync(each));
  return path === undefined ? {} : readDotenv(path);
}
