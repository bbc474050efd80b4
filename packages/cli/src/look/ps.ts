import { isJson } from "../args/format.ts";
import type { Project, ResourceView } from "@caisson/runtime";
import type { Context } from "../context.ts";
import { pick, tellBroken } from "../project/agent.ts";
import { askState } from "../project/offline.ts";
import { unasked } from "../project/skipped.ts";
import { openStack } from "../project/open.ts";
import { resourcesJson } from "../render/resource-json.ts";
import { resourceTable } from "../render/resources.ts";
import { fitting } from "../render/table.ts";
import { tint } from "../render/style.ts";
import type { PsArguments } from "../verbs/ps.ts";

/** What runs without an agent is not checked, restarted or logged. */
function withoutAgent({ stack, environment }: Project, resources: readonly ResourceView[]): string {
  const which = `stack ${stack} (${environment})`;
  if (!resources.some(({ pids }) => pids.length > 0)) return `${which} is not running`;
  return `the agent of ${which} is gone: nothing looks after what still runs. \`caisson start\` takes it up again, \`caisson down\` ends it`;
}

/** Lists the resources, of the running stack or as the last run left them. */
export async function runPs(context: Context, { flags, words }: PsArguments): Promise<void> {
  const open = await openStack(context, flags);
  const { project } = open;
  tellBroken(context, open);
  const { running, document } = await askState(project, async (source, runs) => ({
    running: runs,
    document: await source.resources(),
  }));
  const resources = pick(document.resources, words);
  const { stdout, stderr } = context;
  if (flags.quiet) return void stdout.write(resources.map(({ name }) => `${name}\n`).join(""));
  if (isJson(flags.format)) return void stdout.write(resourcesJson({ ...document, resources }, flags.format));
  if (!running) stderr.write(`${withoutAgent(project, document.resources)}\n`);
  if (resources.length > 0) stdout.write(`${resourceTable(resources, context.now(), fitting(stdout)).join("\n")}\n`);
  for (const { name, reason } of words.length > 0 ? [] : unasked(document.skipped))
    stderr.write(tint(`skipped ${name}: ${reason}\n`, "dim", stderr.color));
}
