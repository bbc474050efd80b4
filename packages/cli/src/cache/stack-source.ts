import type { ResolvedStack, StackDefinition } from "@caisson/core";
import type { Context } from "../context.ts";
import { fingerprints } from "./fingerprint.ts";
import { ownFolders, ownStamp } from "./own-stamp.ts";
import { isPure } from "./purity.ts";
import { recordModules } from "./record-modules.ts";
import { cachePlace, projectMarks, readCache, writeCache, type CachedStack } from "./stack-cache.ts";

/** A stack file, imported only when what is remembered of it does not do. */
export interface StackSource {
  readonly facts: Pick<CachedStack, "root" | "name" | "environments" | "variables">;
  definition(): Promise<StackDefinition>;
  /** A stack worked out before, from the same file and the same `key`. */
  recall(key: string): ResolvedStack | undefined;
  remember(key: string, stack: ResolvedStack): void;
}

/**
 * What is known of a stack file. A command is asked for often and its stack changes seldom: importing it costs most of a
 * short command's time. It is remembered only where it follows from the text of its modules, and only while none changed.
 */
export async function stackSource(file: string, { env, now }: Pick<Context, "env" | "now">): Promise<StackSource> {
  const place = cachePlace(file, env, ownStamp());
  let cached = readCache(place, file);
  let definition: StackDefinition | undefined;
  let cacheable = cached !== undefined;
  const load = async (): Promise<StackDefinition> => {
    if (definition) return definition;
    const { envName } = await import("@caisson/core");
    const { loadStack } = await import("@caisson/runtime");
    const recorder = recordModules(ownFolders());
    const loaded = await loadStack(file).finally(() => void (recorded = recorder.stop()));
    definition = loaded.definition;
    const files =
      recorded && isPure(recorded) ? fingerprints([...recorded.files, ...recorded.packages], now()) : undefined;
    cacheable = files !== undefined;
    cached = {
      files: files ?? [],
      marks: projectMarks(file),
      root: loaded.root,
      name: definition.name,
      environments: Object.keys(definition.environments),
      variables: Object.keys(definition.params.properties).map(envName),
      stacks: cached?.stacks ?? {},
    };
    if (cacheable) writeCache(place, cached);
    return definition;
  };
  let recorded: ReturnType<ReturnType<typeof recordModules>["stop"]> | undefined;
  if (!cached) await load();
  const known = (): CachedStack => {
    if (!cached) throw new Error(`nothing is known of ${file} after it was loaded`);
    return cached;
  };
  return {
    facts: known(),
    definition: load,
    recall: (key) => known().stacks[key],
    remember(key, stack) {
      cached = { ...known(), stacks: { ...known().stacks, [key]: stack } };
      if (cacheable) writeCache(place, cached);
    },
  };
}
