import { graphMermaid, graphSvg, graphText, type ResolvedStack } from "@caisson/core";
import type { Context } from "../context.ts";
import { openStack } from "../project/open.ts";
import type { GraphArguments } from "../verbs/graph.ts";

/** Draws the stack as it is worked out from this command line. */
export async function runGraph(context: Context, { flags }: GraphArguments): Promise<void> {
  const open = await openStack(context, flags);
  const draw = forms[flags.format ?? "text"];
  context.stdout.write(`${draw(await open.resolve(flags)).trimEnd()}\n`);
}

const forms: Readonly<Record<"text" | "mermaid" | "svg" | "json", (stack: ResolvedStack) => string>> = {
  text: graphText,
  mermaid: graphMermaid,
  svg: graphSvg,
  json: ({ resources, edges, skipped }) => {
    const nodes = resources.map(({ name, kind, component, profiles, optional }) => ({
      name,
      kind,
      component,
      profiles,
      optional,
    }));
    return JSON.stringify({ resources: nodes, edges, skipped }, null, 2);
  },
};
