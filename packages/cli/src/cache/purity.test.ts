import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tempFolder } from "../testing/temp-folder.ts";
import { isPure } from "./purity.ts";

const judge = (text: string, foreign: readonly string[] = []): boolean => {
  const file = join(tempFolder(), "stack.ts");
  writeFileSync(file, text);
  return isPure({ files: [file], foreign });
};

test.each([
  'export default defineStack("s", []);',
  "const processor = 1; const update = 2; const randomize = 3;",
  "// one process per core; a random delay\nexport default 1;",
  "export const web = defineProgram(import.meta, 'web', {});",
])("%s is as it is written", (text) => {
  expect(judge(text, ["@caisson/core", "@caisson/core/promql", "node:path", "url", "typebox", "typebox/value"])).toBe(
    true,
  );
});

test.each([
  "process.env.PORT",
  "const { env } = process;",
  "const { env } = process\n",
  "read(process)",
  "(process as { env: unknown }).env",
  "new Date()",
  "Date.now()",
  "Math.random()",
  'await import("./x.ts")',
  'import ("./x.ts")',
  "fetch('http://example.org')",
  "globalThis.x",
  "require('x')",
])("%s may be another thing tomorrow", (text) => expect(judge(text)).toBe(false));

test.each(["node:fs", "fs", "fs/promises", "node:os", "node:child_process", "some-package", "@caisson/kit"])(
  "what imports %s may be another thing tomorrow",
  (specifier) => expect(judge("export default 1;", [specifier])).toBe(false),
);
