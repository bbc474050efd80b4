import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

const forTests = ["**/*.test.ts", "**/testing", "**/fixtures", "**/conformance.ts"];

/**
 * Compiles all packages' sources in one run to JavaScript and declarations below `out` (`out/core/src/index.js`), imports
 * of `.ts` rewritten to `.js`. Throws with the compiler's words where they do not compile.
 */
export function compile(repo: string, out: string): void {
  const config = {
    extends: join(repo, "tsconfig.json"),
    compilerOptions: {
      noEmit: false,
      declaration: true,
      allowImportingTsExtensions: false,
      rewriteRelativeImportExtensions: true,
      rootDir: join(repo, "packages"),
      outDir: out,
      typeRoots: [join(repo, "node_modules/@types")],
    },
    include: [join(repo, "packages/*/src")],
    exclude: [...forTests, "**/node_modules"].map((pattern) => join(repo, "packages", pattern)),
  };
  const file = join(out, "tsconfig.json");
  writeFileSync(file, JSON.stringify(config));
  const tsc = join(repo, "node_modules/typescript/bin/tsc");
  const { status, stdout, stderr } = spawnSync(process.execPath, [tsc, "-p", file], { cwd: repo, encoding: "utf8" });
  if (status !== 0) throw new Error(`the packages do not compile:\n${stdout}${stderr}`);
}
