import { composeSecrets } from "@caisson/core";
import { stackImage } from "@caisson/runtime/containers";
import { exportSecrets } from "@caisson/runtime/offline";
import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { confirm } from "../ask.ts";
import type { Context } from "../context.ts";
import { CommandError } from "../errors/command-error.ts";
import type { OpenStack, ResolveFlags } from "../project/open.ts";
import { shownToGit } from "./shown-to-git.ts";

/** Writes the files that a bundle rendered with the same flags reads its secrets from; says how many, never a value. */
export async function exportAll(
  context: Context,
  open: OpenStack,
  { words, flags }: { readonly words: readonly string[]; readonly flags: ResolveFlags & { readonly yes: boolean } },
): Promise<void> {
  const folder = resolve(context.cwd, words[1] ?? "");
  const stack = await open.resolve(flags);
  const secrets = composeSecrets(stack, stackImage(stack, await open.programHashes(stack)));
  const paths = [
    ...secrets.files.map(({ name }) => join(folder, name)),
    ...secrets.secrets.map(({ name }) => join(folder, "values", name)),
  ];
  const shown = shownToGit(folder, paths);
  if (shown !== undefined)
    throw new CommandError("E_SECRET_EXPOSED", `expected ${folder} to be kept out of git, but ${shown}`, {
      hint: "Add the folder to .gitignore (a rendered bundle's own .gitignore has /secrets/), or name one outside.",
    });
  if (existsSync(folder) && readdirSync(folder).length > 0)
    await confirm(context, `Writing ${paths.length} files into ${folder}, which is not empty`, flags.yes);
  await exportSecrets(open.project, secrets, folder);
  context.stdout.write(`${paths.length} files in ${folder}\n`);
}
