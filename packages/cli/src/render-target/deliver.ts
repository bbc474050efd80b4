import { CommandError } from "../errors/command-error.ts";
import type { Context } from "../context.ts";
import { outdated, writeBundle, type BundleFiles } from "./bundle-folder.ts";

/** Writes a bundle into its folder and says so; `check` only compares, and fails where the folder is stale. `verb`: what makes it. */
export function deliver(
  { stdout }: Pick<Context, "stdout">,
  folder: string,
  bundle: BundleFiles,
  { check, verb }: { readonly check: boolean; readonly verb: string },
): void {
  if (!check) {
    writeBundle(folder, bundle);
    const count = bundle.artifacts.length;
    return void stdout.write(`${count} files${bundle.writeBuild ? " and build/" : ""} in ${folder}\n`);
  }
  const stale = outdated(folder, bundle);
  if (stale.length === 0) return void stdout.write(`${folder} is up to date\n`);
  throw new CommandError("E_RENDER_STALE", `${folder} is not what the stack says: ${stale.join(", ")}`, {
    hint: `Run \`caisson ${verb}\` and take its files.`,
  });
}
