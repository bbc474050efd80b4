import {
  CaissonError,
  endOfLifeWarnings,
  unheardAlerts,
  renderCompose,
  renderSwarm,
  type Bundle,
  type ResolvedStack,
  type StackImage,
} from "@caisson/core";
import { stackImage, writeContext } from "@caisson/runtime/containers";
import { dirname, join, resolve } from "node:path";
import type { Context } from "../context.ts";
import { openStack } from "../project/open.ts";
import type { RenderArguments } from "../verbs/render.ts";
import { deliver } from "./deliver.ts";

/** Renders the stack for another tool; `--check` only compares, and fails where the folder is stale. */
export async function runRender(context: Context, { flags, words }: RenderArguments): Promise<void> {
  const target = words[0] ?? "";
  const render = renderers[target];
  if (!render)
    throw new CaissonError("E_NOT_IMPLEMENTED", `rendering for ${target} is not built yet`, {
      hint: "Use compose or swarm.",
    });
  const open = await openStack(context, flags);
  const stack = await open.resolve(flags);
  const image = stackImage(stack, await open.programHashes(stack), flags.registry);
  const own = stack.resources.some(({ container }) => container?.image.kind === "stack");
  // A stack file cannot say what an image is built from.
  const builds = own && target === "compose" && !image.pushed;
  const { artifacts, warnings } = render(stack, builds ? { ...image, context: "./build" } : image);
  const bundle = { artifacts, writeBuild: builds ? (to: string) => writeContext(stack, open.root, to) : undefined };
  const folder = flags.out === undefined ? join(dirname(open.file), "deploy", target) : resolve(context.cwd, flags.out);
  const old = endOfLifeWarnings(stack.resources, new Date(context.now()).toISOString().slice(0, 10));
  for (const warning of [...old, ...unheardAlerts(stack), ...warnings]) context.stderr.write(`warning: ${warning}\n`);
  deliver(context, folder, bundle, { check: flags.check, verb: `render ${target}` });
}

const renderers: Readonly<Record<string, (stack: ResolvedStack, image: StackImage) => Bundle>> = {
  compose: renderCompose,
  swarm: renderSwarm,
};
