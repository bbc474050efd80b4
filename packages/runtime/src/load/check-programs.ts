import { throwProblems, type ModuleFile, type Problem, type Resource, type ResolvedStack } from "@caisson/core/errors";
import { statSync } from "node:fs";
import { relative } from "node:path";
import { moduleFilePath } from "./relative-modules.ts";

/**
 * Refuses programs whose file, or whose folder, is not there: as processes they would crash again and again. Throws
 * E_PROGRAM_NOT_FOUND with all of them, each with its path.
 */
export function checkPrograms({ name, resources }: ResolvedStack, root: string): void {
  const problems = resources.flatMap((resource) => missing(`${name}/${resource.name}`, resource, root));
  throwProblems(problems, "E_PROGRAM_NOT_FOUND", `stack ${name}`);
}

function missing(path: string, { program }: Resource, root: string): Problem[] {
  const { runtime } = program ?? {};
  if (runtime?.kind === "node") return check(`${path}/program/main`, runtime.main, "file", root);
  if (runtime?.kind === "command") return check(`${path}/program/cwd`, runtime.cwd, "folder", root);
  return [];
}

function check(path: string, module: ModuleFile, wanted: "file" | "folder", root: string): Problem[] {
  const place = moduleFilePath(module, root);
  const found = statSync(place, { throwIfNoEntry: false });
  if (wanted === "file" ? found?.isFile() : found?.isDirectory()) return [];
  const got = found ? `which is a ${found.isDirectory() ? "folder" : "file"}` : "which does not exist";
  return [{ code: "E_PROGRAM_NOT_FOUND", path, message: `expected a ${wanted}, got ${relative(root, place)}, ${got}` }];
}
