import { stackDocs } from "@caisson/core";
import { dirname, join, resolve } from "node:path";
import type { Context } from "../context.ts";
import { openStack } from "../project/open.ts";
import { deliver } from "../render-target/deliver.ts";
import type { DocsArguments } from "../verbs/docs.ts";

/** Writes the documents of a stack; `--check` only compares, and fails where the folder is stale. */
export async function runDocs(context: Context, { flags }: DocsArguments): Promise<void> {
  const open = await openStack(context, flags);
  const { profiles } = await open.resolve(flags);
  const chosen = flags.profile.length > 0 ? profiles.active : profiles.all;
  const artifacts = stackDocs(await open.resolve({ ...flags, profile: chosen }));
  const beside = join(dirname(open.file), "docs", open.project.stack);
  const folder = flags.out === undefined ? beside : resolve(context.cwd, flags.out);
  deliver(context, folder, { artifacts }, { check: flags.check, verb: "docs" });
}
