import { isBuiltin } from "node:module";
import { join } from "node:path";
import { rolldown } from "rolldown";
import type { WorkspacePackage } from "./workspace-packages.ts";

/** What of a package is started, not imported. */
interface Programs {
  readonly entries: readonly string[];
  /** Where their common parts are put, and what is loaded late. Absent: it is one file with all that it needs. */
  readonly chunks?: string;
  /** By the name of a chunk: modules that are put into one with all that they need, the first chunk first. */
  readonly together?: Readonly<Record<string, RegExp>>;
}

const programs: Readonly<Record<string, readonly Programs[]>> = {
  "@caisson/cli": [
    {
      entries: ["main", "up/request-worker"],
      chunks: "chunks",
      // What every command needs, and what those need that talk to an agent.
      together: {
        command: /\/cli\/src\/(?:main|verbs\/up)\.ts$/,
        up: /\/cli\/src\/up\/(?:early-agent|run-up)\.ts$/,
      },
    },
  ],
  // What a pod's container runs is one file, and nothing of the agent is in it.
  "@caisson/runtime": [{ entries: ["agent/main"], chunks: "agent" }, { entries: ["pod/main"] }],
};

/** Doors of our own packages that load nothing but Node: what is theirs may be inlined. */
const light = new Set(["@caisson/core/errors", "@caisson/core/run", "@caisson/runtime"]);

/**
 * Writes a package's programs into `dist` as few CommonJS files: a module that is found, read and linked costs a
 * millisecond, and a command or an agent has 75 to 214 of them; an ES module that imports a builtin makes Node load all of
 * it. What is loaded later stays in files of its own. Common parts are one folder deep, as the modules are that look for
 * files beside them.
 */
export async function bundle(each: WorkspacePackage, dist: string): Promise<void> {
  for (const own of programs[each.manifest.name] ?? []) await bundleTogether(own, each, dist);
}

async function bundleTogether(own: Programs, { folder, manifest }: WorkspacePackage, dist: string): Promise<void> {
  const found = await rolldown({
    input: Object.fromEntries(own.entries.map((entry) => [entry, join(folder, "src", `${entry}.ts`)])),
    platform: "node",
    external: (specifier) => !/^(?:[./]|\0)/.test(specifier) && !light.has(specifier),
    onLog(level, log) {
      if (level === "warn") throw new Error(`${manifest.name} cannot be bundled: ${log.message}`);
    },
  });
  const { output } = await found.write({
    dir: dist,
    format: "cjs",
    entryFileNames: "[name].cjs",
    chunkFileNames: `${own.chunks}/[name].cjs`,
    codeSplitting: own.chunks !== undefined && {
      groups: Object.entries(own.together ?? {}).map(([name, test], at, all) => ({
        name,
        test,
        priority: all.length - at,
      })),
    },
  });
  await found.close();
  const ours = new Set(output.map(({ fileName }) => fileName));
  const loaded = output.flatMap((each) => (each.type === "chunk" ? [...each.imports, ...each.dynamicImports] : []));
  const known = Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies });
  const strange = loaded.filter(
    (id) => !ours.has(id) && !isBuiltin(id) && !known.some((name) => id === name || id.startsWith(`${name}/`)),
  );
  if (strange.length > 0) throw new Error(`${manifest.name} loads what it does not depend on: ${strange.join(", ")}`);
}

/** The bundled file of a source that is a program's entry: what a door to it opens. */
export function programFile(name: string, source: string): string | undefined {
  const entry = programs[name]?.flatMap(({ entries }) => entries).find((each) => source === `./src/${each}.ts`);
  return entry === undefined ? undefined : `./dist/${entry}.cjs`;
}
