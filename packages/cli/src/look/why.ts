import { gatherPods, why, type ResolvedStack, type WhyResource } from "@caisson/core";
import type { ResourceView } from "@caisson/runtime";
import { isJson } from "../args/format.ts";
import type { Context } from "../context.ts";
import { notRunning, pick, podOf, tellBroken } from "../project/agent.ts";
import { askState, type Source } from "../project/offline.ts";
import { openStack, type OpenStack } from "../project/open.ts";
import { standing } from "../project/settled.ts";
import { resourceJson } from "../render/resource-json.ts";
import { oneLine } from "../render/width.ts";
import type { WhyArguments } from "../verbs/why.ts";

/** Log lines told of each resource that is not well. */
const lastLines = 8;

/** Tells of one resource, or of all that are not as they should be. */
export async function runWhy(context: Context, args: WhyArguments): Promise<void> {
  const open = await openStack(context, args.flags);
  await askState(open.project, async (source, running) => {
    if (!running && (await source.resources()).resources.length === 0) throw open.broken ?? notRunning(open);
    tellBroken(context, open);
    if (!running) context.stderr.write("the stack is not running: this is how it ended\n");
    await tellWhy(context, open, source, args);
  });
}

async function tellWhy(
  context: Context,
  open: OpenStack,
  agent: Source,
  { flags, words }: WhyArguments,
): Promise<void> {
  const { resources, skipped } = await agent.resources();
  const asked = words.map((word) => podOf(resources, word) ?? word)[0];
  if (asked !== undefined) pick([...resources, ...skipped], [asked]);
  const names = asked === undefined ? resources.filter(isUnwell).map(({ name }) => name) : [asked];
  const edges = await edgesOf(open, resources);
  const snapshot = {
    now: context.now(),
    resources: await Promise.all(resources.map((view) => withLog(agent, view))),
    skipped,
    ...(edges && { edges }),
  };
  const { stdout } = context;
  const told = names.map((name) => {
    const view = resources.find((each) => each.name === name);
    return { name, why: why(name, snapshot), resource: view ? resourceJson(view) : null };
  });
  if (flags.format === "jsonl") for (const each of told) stdout.write(`${JSON.stringify(each)}\n`);
  else if (isJson(flags.format)) stdout.write(`${JSON.stringify({ resources: told }, null, 2)}\n`);
  else if (told.length === 0) stdout.write("everything is as it should be\n");
  else stdout.write(`${told.map((each) => each.why.join("\n")).join("\n\n")}\n`);
}

function isUnwell(view: ResourceView): boolean {
  return standing(view) === "failed" || standing(view) === "pending";
}

async function withLog(agent: Source, view: ResourceView): Promise<WhyResource> {
  if (!isUnwell(view)) return view;
  const lines: string[] = [];
  for await (const { line } of agent.logs({ resources: [view.name], tail: lastLines, follow: false })) {
    const text = oneLine(line);
    if (text !== "") lines.push(text);
  }
  return { ...view, lastLines: lines };
}

/** Which reference made a need. A definition that no longer works out does not keep `why` from telling the rest. */
async function edgesOf(open: OpenStack, resources: readonly ResourceView[]) {
  try {
    return edgesBetween(resources, await open.resolve({ profile: [], set: [], "env-file": undefined }));
  } catch {
    return undefined;
  }
}

/** The edges of a stack between what is shown of it: pods where those run, else their members. */
export function edgesBetween(
  shown: readonly Pick<ResourceView, "members">[],
  stack: ResolvedStack,
): ResolvedStack["edges"] {
  return shown.some(({ members }) => members !== undefined) ? gatherPods(stack).edges : stack.edges;
}
