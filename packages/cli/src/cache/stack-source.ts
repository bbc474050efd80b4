import type { ResolvedStack, StackDefinition } from "@caisson/core";
import type { Context } from "../context.ts";
import { fingerprints } from "./fingerprint.ts";
import { ownFolders, ownStamp } from "./own-stamp.ts";
import { isPure } from "./purity.ts";
import { cachedProgramHashes } from "./program-cache.ts";
import { recordModules, type Recorded } from "./record-modules.ts";
import { cachePath, projectMarks, readCache, writeCache, type CachedStack } from "./stack-cache.ts";

/** A stack file, imported only when what is remembered of it does not do. */
export interface StackSource {
  readonly facts: Pick<CachedStack, "root" | "name" | "environments" | "variables">;
  /** Why the file cannot be loaded as it is now; `facts` then tell what it was. */
  readonly broken: Error | undefined;
  /** Throws `broken`. */
  definition(): Promise<StackDefinition>;
  /** A stack worked out before, from the same file and the same `key`. */
  recall(key: string): ResolvedStack | undefined;
  remember(key: string, stack: ResolvedStack): void;
  /** Hashes of the sources of a stack's programs, by resource name. */
  programHashes(stack: ResolvedStack): Promise<Readonly<Record<string, string>>>;
}

/**
 * What is known of a stack file. A command is asked for often and its stack changes seldom: importing it costs most of a
 * short command's time. So it is remembered, where it follows from the text of its modules, while none of them changed.
 * A file that is broken by an edit does not keep one from looking at what runs, or taking it down.
 */
export async function stackSource(file: string, { env, now }: Pick<Context, "env" | "now">): Promise<StackSource> {
  const place = { path: cachePath(file, env), stamp: ownStamp() };
  const found = readCache(place, file);
  if (found?.fresh === true) return sourceOf(found, undefined);
  try {
    const loaded = await loadFile(file, now);
    writeCache(place, loaded.cached);
    return sourceOf(loaded.cached, loaded.definition);
  } catch (error) {
    if (found === undefined || !(error instanceof Error)) throw error;
    return { ...sourceOf({ ...found, stacks: {} }, undefined), broken: error, definition: () => Promise.reject(error) };
  }

  function sourceOf(cached: CachedStack, definition: StackDefinition | undefined): StackSource {
    let kept = cached;
    return {
      facts: cached,
      broken: undefined,
      definition: async () => definition ?? (definition = (await loadFile(file, now)).definition),
      recall: (key) => kept.stacks[key],
      remember(key, stack) {
        if (!kept.lasting) return;
        kept = { ...kept, stacks: { ...kept.stacks, [key]: stack } };
        writeCache(place, kept);
      },
      programHashes: (stack) => cachedProgramHashes(place, stack, cached.root, now),
    };
  }
}

async function loadFile(
  file: string,
  now: () => number,
): Promise<{ readonly definition: StackDefinition; readonly cached: CachedStack }> {
  const { envName } = await import("@caisson/core");
  const { loadStack } = await import("@caisson/runtime/load");
  const recorder = recordModules(ownFolders());
  let recorded: Recorded | undefined;
  const { definition, root } = await loadStack(file).finally(() => (recorded = recorder.stop()));
  const files =
    recorded?.files.includes(file) === true && isPure(recorded)
      ? fingerprints([...recorded.files, ...recorded.packages], now())
      : undefined;
  const cached: CachedStack = {
    lasting: files !== undefined,
    files: files ?? [],
    marks: projectMarks(file),
    root,
    name: definition.name,
    environments: Object.keys(definition.environments),
    variables: Object.keys(definition.params.properties).map(envName),
    stacks: {},
  };
  return { definition, cached };
}
