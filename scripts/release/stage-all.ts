import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compile } from "./compile.ts";
import { stage } from "./stage.ts";
import { workspacePackages } from "./workspace-packages.ts";

/** Compiles every published package and lays it out as npm would install it; returns the folders, `out/<its name>`. */
export async function stageAll(repo: string, out: string): Promise<string[]> {
  const compiled = mkdtempSync(join(tmpdir(), "caisson-compiled-"));
  try {
    compile(repo, compiled);
    const folders: string[] = [];
    for (const each of workspacePackages(repo)) {
      const target = join(out, each.manifest.name);
      await stage(repo, each, compiled, target);
      folders.push(target);
    }
    return folders;
  } finally {
    rmSync(compiled, { recursive: true, force: true });
  }
}
