import type { EnvironmentDocument, ResourceView } from "@caisson/runtime";
import { isAbsolute } from "node:path";
import type { Context } from "../context.ts";
import { CommandError, usageError } from "../errors/command-error.ts";
import { pick, runningStack } from "../project/agent.ts";
import type { RunArguments } from "../verbs/run.ts";
import { runChild } from "./run-child.ts";
import { urlsOf } from "./store-url.ts";
import { withWiring } from "./wiring.ts";

const runnable = ["command", "job", "schedule"];

/** Runs a command of the stack, or any program with the stack's wiring. */
export async function runRun(context: Context, { flags, words, rest }: RunArguments): Promise<number> {
  const [name] = words;
  if (name !== undefined && flags.as !== undefined)
    throw usageError(`--as ${flags.as} is for a program of your own, got ${name} before --`, {
      hint: "The form is `caisson run --as SERVICE -- COMMAND`.",
    });
  if (name === undefined && (rest === undefined || rest.length === 0))
    throw new CommandError("E_ARGUMENT", "`caisson run` wants the NAME of a command, or -- and a program");
  const running = await runningStack(context, flags);
  const { resources } = await running.agent.resources();
  if ((name !== undefined || flags.as !== undefined) && (await running.agent.info()).target !== "process")
    throw new CommandError(
      "E_NOT_IMPLEMENTED",
      "running a program of the stack in a container of its own is not built yet",
      {
        hint: "`caisson exec SERVICE -- COMMAND` runs one in a container that is there.",
      },
    );
  if (name !== undefined) {
    const document = await running.agent.environment(commandOf(resources, name));
    return await runChild(context, {
      argv: [...document.argv, ...(rest ?? [])],
      cwd: ownFolder(document) ?? context.cwd,
      env: { ...context.env, ...document.env },
      ...userOf(document),
    });
  }
  const argv = rest ?? [];
  if (flags.as === undefined)
    return await withWiring(resources, await urlsOf(running.open, flags), (env) =>
      runChild(context, { argv, cwd: context.cwd, env: { ...context.env, ...env } }),
    );
  const [service] = pick(resources, [flags.as]);
  const document = await running.agent.environment(service?.name ?? "");
  return await runChild(context, {
    argv,
    cwd: context.cwd,
    env: { ...context.env, ...document.env },
    ...userOf(document),
  });
}

function commandOf(resources: readonly ResourceView[], name: string): string {
  const [view] = pick(resources, [name]);
  if (view !== undefined && runnable.includes(view.kind)) return view.name;
  const known = resources.filter(({ kind }) => runnable.includes(kind)).map((each) => each.name);
  throw usageError(`${name} is a ${view?.kind ?? "resource"}, expected a command, a job or a schedule`, {
    hint:
      known.length === 0
        ? `\`caisson run --as ${name} -- COMMAND\` runs a program of your own.`
        : `This stack has ${known.join(", ")}.`,
  });
}

/** A Node module is named in full, so it can run in the caller's folder; another program may need its own. */
function ownFolder({ argv, cwd }: EnvironmentDocument): string | undefined {
  const [program = "", main = ""] = argv;
  return isAbsolute(program) && isAbsolute(main) ? undefined : cwd;
}

function userOf({ uid, gid }: EnvironmentDocument): { uid?: number; gid?: number } {
  return { ...(uid !== undefined && { uid }), ...(gid !== undefined && { gid }) };
}
