import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { repo, run, tempFolder, writeFiles } from "./testing/repo.ts";

/** What a file may not say, where, and the rule that says so. */
const violations: readonly (readonly [path: string, text: string, rule: string])[] = [
  ["packages/core/src/a.ts", `export { readFile } from "node:fs";`, "import(no-nodejs-modules)"],
  ["packages/core/src/b.ts", `export { readFile } from "fs";`, "import(no-nodejs-modules)"],
  ["packages/core/src/c.ts", `export const c = process.env["C"];`, "eslint(no-restricted-globals)"],
  ["packages/core/src/d.ts", `export const d = () => Date.now();`, "eslint(no-restricted-globals)"],
  ["packages/core/src/e.ts", `export const e = () => Math.random();`, "eslint(no-restricted-properties)"],
  ["packages/core/src/f.ts", `export const f = () => fetch("https://example.org");`, "eslint(no-restricted-globals)"],
  ["packages/core/src/g.ts", `export const g = crypto.randomUUID();`, "eslint(no-restricted-globals)"],
  ["packages/core/src/h.ts", `export { a } from "@caisson/runtime";`, "eslint(no-restricted-imports)"],
  ["packages/core/src/run.ts", `export { a } from "@caisson/kit";`, "eslint(no-restricted-imports)"],
  ["packages/core/src/i.ts", `export { a } from "../index.ts";`, "eslint(no-restricted-imports)"],
  ["packages/runtime/src/a.ts", `export { a } from "@caisson/cli";`, "eslint(no-restricted-imports)"],
  ["packages/runtime/src/b.ts", `export { a } from "@caisson/kit";`, "eslint(no-restricted-imports)"],
  ["packages/runtime/src/x/c.ts", `export { a } from "../index.ts";`, "eslint(no-restricted-imports)"],
  ["packages/kit/src/a.ts", `export { a } from "@caisson/runtime";`, "eslint(no-restricted-imports)"],
  ["packages/kit/src/b.ts", `export { a } from "@caisson/cli/x";`, "eslint(no-restricted-imports)"],
  ["packages/cli/src/a.ts", `export { a } from "@caisson/kit";`, "eslint(no-restricted-imports)"],
  ["packages/cli/src/b.ts", `export default 1;`, "import(no-default-export)"],
  ["stacks/a/stack.ts", `export const a = process.env["A"];`, "eslint(no-restricted-globals)"],
  ["stacks/b/stack.ts", `export { env } from "node:process";`, "eslint(no-restricted-imports)"],
  ["stacks/a/services/x/contract.ts", `export const a = process.env["A"];`, "eslint(no-restricted-globals)"],
  ["stacks/a/sdk/src/a.ts", `export { readFile } from "node:fs";`, "import(no-nodejs-modules)"],
  ["stacks/a/sdk/src/b.ts", `export { a } from "../../events/a.ts";`, "eslint(no-restricted-imports)"],
  ["packages/kit/src/c.ts", `export const c = (a: any): unknown => a;`, "typescript(no-explicit-any)"],
  ["packages/kit/src/d.ts", `// @ts-expect-error\nexport const d: string = 1;`, "typescript(ban-ts-comment)"],
  ["packages/kit/src/e.ts", `export const e = (f: () => void) => { try { f(); } catch {} };`, "eslint(no-empty)"],
];

const allowed: Readonly<Record<string, string>> = {
  "packages/core/src/z.test.ts": `import { readFile } from "node:fs";\nexport const a = [readFile, Date.now(), process.env];`,
  "packages/core/src/testing/z.ts": `export const a = () => Math.random();`,
  "packages/runtime/src/z.ts": `import { readFile } from "node:fs";\nexport { a } from "@caisson/core/run";\nexport { readFile };`,
  "packages/cli/src/z.ts": `export { a } from "@caisson/runtime";`,
  "packages/kit/src/z.ts": `export { a } from "@caisson/core";`,
  "packages/core/src/z.types.test.ts": `// @ts-expect-error: a string is no number\nexport const a: number = "";`,
  "stacks/z/stack.ts": `export default 1;`,
};

test("the lint rules refuse what the layers may not do, and nothing else", async () => {
  const folder = tempFolder();
  copyFileSync(join(repo, ".oxlintrc.json"), join(folder, ".oxlintrc.json"));
  writeFiles(folder, { ...Object.fromEntries(violations.map(([path, text]) => [path, `${text}\n`])), ...allowed });
  const { stdout } = await run(process.execPath, [join(repo, "node_modules/oxlint/bin/oxlint"), "-f", "json"], {
    cwd: folder,
  });
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: readonly { code: string; filename: string }[] };
  const found = diagnostics.map(({ code, filename }) => `${filename} ${code}`).toSorted();
  expect(found).toEqual(violations.map(([path, , rule]) => `${path} ${rule}`).toSorted());
});
