import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { stageAll } from "../../scripts/release/stage-all.ts";

const repo = fileURLToPath(new URL("../../", import.meta.url));

/** A project of its own with Caisson in it as npm installs it: compiled and bundled. */
export interface Installed {
  /** The launcher, as a user's shell runs it: not through npx, which costs more than what is measured. */
  readonly caisson: readonly string[];
  /** The copy of the stack file. */
  readonly stack: string;
  readonly remove: () => void;
}

/** Copies a stack's folder into such a project; what it depends on besides is this repository's. */
export async function installed(folder: string): Promise<Installed> {
  const project = mkdtempSync(join(tmpdir(), "caisson-bench-"));
  const modules = join(project, "node_modules");
  mkdirSync(modules);
  await stageAll(repo, modules);
  for (const name of readdirSync(join(repo, "node_modules")))
    if (name !== "@caisson") symlinkSync(join(repo, "node_modules", name), join(modules, name));
  writeFileSync(join(project, "package.json"), `{ "private": true, "type": "module" }\n`);
  cpSync(join(repo, "package-lock.json"), join(project, "package-lock.json"));
  const copy = join(project, relative(repo, folder));
  mkdirSync(dirname(copy), { recursive: true });
  cpSync(folder, copy, { recursive: true, filter: (path) => !/\/(?:node_modules|\.caisson)$/.test(path) });
  return {
    caisson: [process.execPath, join(modules, "@caisson/cli/bin/caisson.cjs")],
    stack: join(copy, "stack.ts"),
    remove: () => rmSync(project, { recursive: true, force: true }),
  };
}
