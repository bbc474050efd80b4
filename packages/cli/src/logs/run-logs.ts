import { isJson } from "../args/format.ts";
import type { Context } from "../context.ts";
import type { Moment } from "../args/value-types.ts";
import { notRunning, pick, podOf, tellBroken } from "../project/agent.ts";
import { askState, type Source } from "../project/offline.ts";
import { openStack } from "../project/open.ts";
import { logJson, logWriter } from "./log-writer.ts";
import type { LogsArguments } from "../verbs/logs.ts";

/**
 * Prints log lines until there are no more; with `follow` until Ctrl-C, which is how it is meant to end: 130. Without an
 * agent it prints what the files hold: how it ended is what one wants to know of a stack that does not run.
 */
export async function runLogs(context: Context, args: LogsArguments): Promise<number> {
  const open = await openStack(context, args.flags);
  return await askState(open.project, async (source, running) => {
    if (!running && (await source.resources()).resources.length === 0) throw open.broken ?? notRunning(open);
    tellBroken(context, open);
    if (!running && args.flags.follow) context.stderr.write("the stack is not running: there is nothing to follow\n");
    return await printLogs(context, source, args);
  });
}

async function printLogs(context: Context, agent: Source, { flags, words }: LogsArguments): Promise<number> {
  const { resources } = await agent.resources();
  const chosen = words.map((word) => podOf(resources, word) ?? word);
  const names = pick(resources, chosen).map(({ name }) => name);
  const since = epoch(flags.since, context.now());
  const until = epoch(flags.until, context.now()) ?? Number.POSITIVE_INFINITY;
  const wanted = flags.search?.toLowerCase();
  const { stdout } = context;
  const print = isJson(flags.format)
    ? logJson(stdout)
    : logWriter(stdout, { names, prefix: !flags["no-log-prefix"], timestamps: flags.timestamps });
  const query = {
    resources: [...new Set(words)],
    follow: flags.follow,
    ...(flags.tail !== undefined && { tail: flags.tail }),
    ...(since !== undefined && { since }),
  };
  for await (const line of agent.logs(query, context.interrupt)) {
    if (line.time >= until) {
      if (flags.follow) break;
      continue;
    }
    if (wanted !== undefined && !line.line.toLowerCase().includes(wanted)) continue;
    await print(line);
  }
  return context.interrupt.aborted ? 130 : 0;
}

function epoch(moment: Moment | undefined, now: number): number | undefined {
  if (moment === undefined) return undefined;
  return "at" in moment ? moment.at : now - moment.ago;
}
