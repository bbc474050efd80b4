import type { ParamSources } from "@caisson/core";
import { readDotenv } from "@caisson/runtime";
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Context } from "../context.ts";
import { CommandError } from "../errors/command-error.ts";
import type { ResolveFlags } from "./open.ts";

/** Where a stack's parameters come from: --set, the environment, and `.env` beside the stack file or in the project. */
export function paramSources(
  { cwd, env }: Pick<Context, "cwd" | "env">,
  stack: { readonly root: string; readonly file: string },
  flags: Pick<ResolveFlags, "set" | "env-file">,
): ParamSources {
  return { set: Object.fromEntries(flags.set), env, dotenv: dotenv(cwd, stack, flags["env-file"]) };
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
