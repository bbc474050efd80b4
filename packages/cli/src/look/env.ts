import { isJson } from "../args/format.ts";
import type { Context } from "../context.ts";
import { pick, runningStack } from "../project/agent.ts";
import type { EnvArguments } from "../verbs/env.ts";

/** Prints a resource's environment. */
export async function runEnv(context: Context, { flags, words }: EnvArguments): Promise<void> {
  const { agent } = await runningStack(context, flags);
  const [view] = pick((await agent.resources()).resources, words);
  const { env } = await agent.environment(view?.name ?? "");
  const { stdout } = context;
  const names = Object.keys(env).toSorted();
  if (isJson(flags.format)) {
    const sorted = Object.fromEntries(names.map((name) => [name, env[name]]));
    stdout.write(`${JSON.stringify(sorted, null, flags.format === "json" ? 2 : 0)}\n`);
  } else stdout.write(names.map((name) => `${name}=${quote(env[name] ?? "")}\n`).join(""));
}

/** As a POSIX shell reads it. */
function quote(text: string): string {
  return /^[\w@%+=:,./-]*$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
