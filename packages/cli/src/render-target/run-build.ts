import { buildImage } from "@caisson/runtime/containers";
import type { Context } from "../context.ts";
import { openStack } from "../project/open.ts";
import type { BuildArguments } from "../verbs/build.ts";

/** Builds the stack's image where it is not there yet; says how large it is. */
export async function runBuild(context: Context, { flags }: BuildArguments): Promise<void> {
  const open = await openStack(context, flags);
  const stack = await open.resolve(flags);
  const { reference, built, bytes } = await buildImage(stack, open.root, await open.programHashes(stack), {
    tell: (sentence) => void context.stderr.write(`${sentence}\n`),
    signal: context.interrupt,
  });
  context.stderr.write(`${built ? "built" : "there already"}, ${Math.round(bytes / 1_000_000)} MB\n`);
  context.stdout.write(`${reference}\n`);
}
