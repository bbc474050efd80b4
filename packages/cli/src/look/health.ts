import type { ResourceView } from "@caisson/runtime";
import type { Context } from "../context.ts";
import { pick, runningStack } from "../project/agent.ts";
import { standing } from "../project/settled.ts";
import { resourceJson } from "../render/resource-json.ts";
import { reasonOf, resourceTable } from "../render/resources.ts";
import { fitting } from "../render/table.ts";
import { tint } from "../render/style.ts";
import type { HealthArguments } from "../verbs/health.ts";

/** Judges the running stack: 0 when all that should run is healthy, 18 when not. */
export async function runHealth(context: Context, { flags, words }: HealthArguments): Promise<number> {
  const { agent, open } = await runningStack(context, flags);
  const { project } = open;
  const document = await agent.resources();
  const resources = pick(document.resources, words);
  const ill = resources.filter((view) => ["pending", "failed"].includes(standing(view)));
  const status =
    ill.length === 0 ? "Healthy" : ill.some((view) => standing(view) === "failed") ? "Unhealthy" : "Pending";
  const { stdout } = context;
  if (flags.format === "json") {
    const reports = resources.map((view) => ({ ...resourceJson(view), standing: standing(view) }));
    stdout.write(`${JSON.stringify({ status, resources: reports, skipped: document.skipped }, null, 2)}\n`);
  } else if (flags.format === "jsonl") {
    for (const view of resources)
      stdout.write(`${JSON.stringify({ ...resourceJson(view), standing: standing(view) })}\n`);
  } else if (ill.length === 0) {
    const counted = resources.filter((view) => standing(view) === "ready").length;
    stdout.write(
      `${tint("healthy", "good", stdout.color)}: ${counted} of ${counted} in ${project.stack} (${project.environment})\n`,
    );
  } else {
    stdout.write(`${resourceTable(ill, context.now(), fitting(stdout)).join("\n")}\n`);
    for (const view of ill) stdout.write(`${sentence(view)}\n`);
  }
  return ill.length === 0 ? 0 : 18;
}

function sentence(view: ResourceView): string {
  const reason = reasonOf(view);
  return `${view.name} is ${view.state}${view.health === "Unhealthy" ? " and Unhealthy" : ""}${reason === "" ? "" : `: ${reason}`}`;
}
