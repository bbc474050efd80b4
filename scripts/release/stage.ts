import { cpSync, existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { bundle, programFile } from "./bundle.ts";
import { readManifest, type Manifest, type WorkspacePackage } from "./workspace-packages.ts";

/**
 * Lays one package out as it is published: `dist/` (compiled, its programs bundled), `bin/`, the licence, and a package.json
 * whose exports point there. In the repository they point at the sources, and npm ignores `publishConfig.exports`.
 */
export async function stage(repo: string, each: WorkspacePackage, compiled: string, target: string): Promise<void> {
  const { folder, manifest } = each;
  mkdirSync(target, { recursive: true });
  // What exports nothing is its programs alone.
  if (Object.keys(manifest.exports ?? {}).length > 0) {
    cpSync(join(compiled, basename(folder), "src"), join(target, "dist"), { recursive: true });
    copyAssets(join(folder, "src"), join(target, "dist"));
  }
  await bundle(each, join(target, "dist"));
  if (existsSync(join(folder, "bin"))) cpSync(join(folder, "bin"), join(target, "bin"), { recursive: true });
  // What a command builds from on a host that no registry answers. npm packs no links; without a filter Node keeps those in folders.
  const copies = { recursive: true, dereference: true, filter: () => true } as const;
  if (manifest.bin) cpSync(join(repo, "images"), join(target, "images"), copies);
  if (existsSync(join(folder, "README.md"))) cpSync(join(folder, "README.md"), join(target, "README.md"));
  cpSync(join(repo, "LICENSE"), join(target, "LICENSE"));
  const published = {
    ...publishedManifest(manifest),
    ...(manifest.bin && { optionalDependencies: nodeOf(repo, manifest) }),
  };
  writeFileSync(join(target, "package.json"), `${JSON.stringify(published, undefined, 2)}\n`);
  const missing = filesOf(published).filter((path) => !existsSync(join(target, path)));
  if (missing.length > 0) throw new Error(`${manifest.name} names files it does not have: ${missing.join(", ")}`);
}

/** The files a manifest points at: what it exports and its commands. */
function filesOf({ exports, bin }: Published): string[] {
  const doors = Object.values(exports).flatMap((door) => (typeof door === "string" ? [door] : Object.values(door)));
  return [...doors, ...Object.values(bin ?? {})];
}

/**
 * What a package with a command depends on optionally: its own, and the Node that this repository pins, so that installing
 * the command brings the Node it runs on, where npm has one.
 */
function nodeOf(repo: string, { optionalDependencies }: Manifest): Readonly<Record<string, string>> {
  const pinned = Object.entries(readManifest(repo).optionalDependencies ?? {}).filter(([name]) =>
    name.startsWith("node-"),
  );
  return { ...Object.fromEntries(pinned), ...optionalDependencies };
}

/** What a program reads beside its code: everything but TypeScript and what is for tests. */
function copyAssets(from: string, to: string): void {
  cpSync(from, to, {
    recursive: true,
    filter: (path) => {
      if (/(?:^|\/)(?:testing|fixtures|golden|cases)(?:\/|$)/.test(relative(from, path))) return false;
      return statSync(path).isDirectory() || !path.endsWith(".ts");
    },
  });
}

type Door = string | { readonly types: string; readonly default: string };

type Published = Omit<Manifest, "exports"> & { readonly exports: Readonly<Record<string, Door>> };

function publishedManifest(manifest: Manifest): Published {
  const { devDependencies: _development, scripts: _scripts, exports = {}, ...rest } = manifest;
  return {
    ...rest,
    exports: Object.fromEntries(
      Object.entries(exports).map(([door, source]) => [door, programFile(rest.name, source) ?? compiledDoor(source)]),
    ),
    files: ["dist", "bin", ...(rest.bin ? ["images"] : [])],
  };
}

/** `./src/index.ts` -> `{ types: "./dist/index.d.ts", default: "./dist/index.js" }`; what is no source stays. */
function compiledDoor(source: string): Door {
  const match = /^\.\/src\/(.+)\.ts$/.exec(source);
  return match === null ? source : { types: `./dist/${match[1]}.d.ts`, default: `./dist/${match[1]}.js` };
}
