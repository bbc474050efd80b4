import { cpSync, existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import type { Manifest, WorkspacePackage } from "./workspace-packages.ts";

/**
 * Lays one package out as it is published: `dist/` (compiled), `bin/`, the licence, and a package.json whose exports point
 * at what was compiled. In the repository they point at the sources, and npm ignores `publishConfig.exports`.
 */
export function stage(repo: string, { folder, manifest }: WorkspacePackage, compiled: string, target: string): void {
  mkdirSync(target, { recursive: true });
  cpSync(join(compiled, basename(folder), "src"), join(target, "dist"), { recursive: true });
  copyAssets(join(folder, "src"), join(target, "dist"));
  if (existsSync(join(folder, "bin"))) cpSync(join(folder, "bin"), join(target, "bin"), { recursive: true });
  if (existsSync(join(folder, "README.md"))) cpSync(join(folder, "README.md"), join(target, "README.md"));
  cpSync(join(repo, "LICENSE"), join(target, "LICENSE"));
  writeFileSync(join(target, "package.json"), `${JSON.stringify(publishedManifest(manifest), undefined, 2)}\n`);
}

/** What a program reads beside its code: everything but TypeScript and what is for tests. */
function copyAssets(from: string, to: string): void {
  cpSync(from, to, {
    recursive: true,
    filter: (path) => {
      if (/(?:^|\/)(?:testing|fixtures)(?:\/|$)/.test(relative(from, path))) return false;
      return statSync(path).isDirectory() || !path.endsWith(".ts");
    },
  });
}

function publishedManifest(manifest: Manifest): Readonly<Record<string, unknown>> {
  const { devDependencies: _development, scripts: _scripts, exports = {}, ...rest } = manifest;
  return {
    ...rest,
    exports: Object.fromEntries(Object.entries(exports).map(([door, source]) => [door, published(source)])),
    files: ["dist", "bin"],
  };
}

/** `./src/index.ts` -> `{ types: "./dist/index.d.ts", default: "./dist/index.js" }`; what is no source stays. */
function published(source: string): string | { readonly types: string; readonly default: string } {
  const match = /^\.\/src\/(.+)\.ts$/.exec(source);
  return match === null ? source : { types: `./dist/${match[1]}.d.ts`, default: `./dist/${match[1]}.js` };
}
