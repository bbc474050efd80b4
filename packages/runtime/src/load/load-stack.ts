import { CaissonError, type StackDefinition } from "@caisson/core/errors";
import { existsSync, realpathSync } from "node:fs";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import { checkDefinition } from "./check-definition.ts";
import { installCoreFallback } from "./core-fallback.ts";
import { importFailure } from "./import-failure.ts";
import { projectRoot } from "./project-root.ts";

/** A stack file's definition, the folder its module files are relative to, and the file itself (both real paths). */
export interface LoadedStack {
  readonly definition: StackDefinition;
  readonly root: string;
  readonly file: string;
}

/** A stack file that waits for something that never comes ends here. */
const importDeadlineMs = 30_000;

/**
 * Imports a stack file and checks its default export. A file that cannot be imported, or is not a stack of a version
 * we know, is E_STACK_LOAD with file and line. Node caches modules: a changed file is seen by a new process only.
 */
export async function loadStack(path: string): Promise<LoadedStack> {
  const file = realFile(path);
  const root = projectRoot(dirname(file)) ?? dirname(file);
  return { definition: checkDefinition(await importStack(file, root), file), root, file };
}

function realFile(path: string): string {
  if (!existsSync(path)) throw new CaissonError("E_STACK_LOAD", `expected a stack file, but ${path} does not exist`);
  return realpathSync(path);
}

async function importStack(file: string, root: string): Promise<Readonly<Record<string, unknown>>> {
  const release = installCoreFallback();
  const deadline = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => deadline.reject(new CaissonError("E_STACK_LOAD", `${file} was still being imported after 30 s`)),
    importDeadlineMs,
  );
  try {
    return await Promise.race([import(pathToFileURL(file).href), deadline.promise]);
  } catch (error) {
    throw importFailure(error, file, root);
  } finally {
    clearTimeout(timer);
    release();
  }
}
