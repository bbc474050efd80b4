import { stackDocs } from "@caisson/core";
import { dirname, join, resolve } from "node:path";
import type { Context } from "../context.ts";
import { CommandError } from "../errors/command-error.ts";
import { openStack } from "../project/open.ts";
import { outdated, writeBundle } from "../render-target/bundle-folder.ts";
import type { DocsArguments } from "../verbs/docs.ts";

/** Writes the documents of a stack; `--check` only compares, and fails where the folder is stale. */
export async function runDocs(context: Context, { flags }: DocsArguments): Promise<void> {
  const open = await openStack(context, flags);
  const { profiles } = await open.resolve(flags);
  const chosen = flags.profile.length > 0 ? profiles.active : profiles.all;
  const artifacts = stackDocs(await open.resolve({ ...flags, profile: chosen }));
  const beside = join(dirname(open.file), "docs", open.project.stack);
  const folder = flags.out === undefined ? beside : resolve(context.cwd, flags.out);
  if (flags.check) {
    const stale = outdated(folder, { artifacts });
    if (stale.length === 0) return void context.stdout.write(`${folder} is up to date\n`);
    throw new CommandError("E_RENDER_STALE", `${folder} is not what the stack says: ${stale.join(", ")}`, {
      hint: "Run `caisson docs` and take its files.",
    });
  }
  writeBundle(folder, { artifacts });
  context.stdout.write(`${artifacts.length} files in ${folder}\n`);
}
