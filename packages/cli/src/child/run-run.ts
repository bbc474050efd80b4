import type { AgentClient, EnvironmentDocument, OneOffRequest, ResourceView } from "@caisson/runtime";
import { isAbsolute } from "node:path";
import type { Context } from "../context.ts";
import { CommandError, usageError } from "../errors/command-error.ts";
import { pick, runningStack } from "../project/agent.ts";
import type { RunArguments } from "../verbs/run.ts";
import { containerStreams } from "./container-streams.ts";
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
  const args = rest ?? [];
  const { agent, open } = await runningStack(context, flags);
  const { resources } = await agent.resources();
  if (name === undefined && flags.as === undefined)
    return await withWiring(resources, await urlsOf(open, flags), (env) =>
      runChild(context, { argv: args, cwd: context.cwd, env: { ...context.env, ...env } }),
    );
  const own = name !== undefined;
  const resource = own ? commandOf(resources, name) : (pick(resources, [flags.as ?? ""])[0]?.name ?? "");
  if ((await agent.info()).target !== "process")
    return await runInContainer(context, agent, resource, { program: own ? "own" : "other", args });
  const document = await agent.environment(resource);
  return await runChild(context, {
    argv: own ? [...document.argv, ...args] : args,
    cwd: (own ? ownFolder(document) : undefined) ?? context.cwd,
    env: { ...context.env, ...document.env },
    ...userOf(document),
  });
}

async function runInContainer(
  context: Context,
  agent: AgentClient,
  resource: string,
  asked: Pick<OneOffRequest, "program" | "args">,
): Promise<number> {
  const streams = containerStreams(context);
  const { container } = await agent.oneOff(resource, { ...asked, terminal: streams.terminal });
  const { runContainer } = await import("@caisson/runtime/containers");
  return await runContainer({ container, signals: [context.interrupt, context.force], ...streams });
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
