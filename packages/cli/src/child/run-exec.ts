import type { Context } from "../context.ts";
import { CommandError } from "../errors/command-error.ts";
import { pick, runningStack } from "../project/agent.ts";
import type { ExecArguments } from "../verbs/exec.ts";
import { containerStreams } from "./container-streams.ts";
import { runChild } from "./run-child.ts";

/** Runs a program in a running resource's environment. */
export async function runExec(context: Context, { flags, words, rest = [] }: ExecArguments): Promise<number> {
  const { agent } = await runningStack(context, flags);
  const [view] = pick((await agent.resources()).resources, words);
  if (view === undefined || view.pids.length === 0)
    throw new CommandError("E_NOT_RUNNING", `${words[0] ?? ""} is ${view?.state ?? "not there"}, expected it to run`, {
      hint: `\`caisson run --as ${words[0] ?? "SERVICE"} -- COMMAND\` does not need it to.`,
    });
  const { cwd, env, uid, gid, container } = await agent.environment(view.name);
  if (typeof container === "string") {
    const { execInContainer } = await import("@caisson/runtime/containers");
    return await execInContainer({
      container,
      argv: rest,
      env: terminal(context.env),
      ...containerStreams(context),
    });
  }
  return await runChild(context, {
    argv: rest,
    cwd,
    env: { ...terminal(context.env), ...env },
    ...(uid !== undefined && { uid }),
    ...(gid !== undefined && { gid }),
  });
}

/** What a program must know of the terminal it is shown on. */
function terminal(env: Context["env"]): Record<string, string> {
  const names = ["TERM", "COLORTERM", "LANG", "NO_COLOR", "FORCE_COLOR"];
  return Object.fromEntries(
    names.flatMap((name): [string, string][] => (env[name] === undefined ? [] : [[name, env[name]]])),
  );
}
