import { describe, expect, test } from "vitest";
import { scanModule } from "./scan-module.ts";

describe("scanModule", () => {
  test.each([
    [`import a from "./a.ts";`, ["./a.ts"]],
    [`import{a}from'./a.ts';import*as b from"./b.ts"`, ["./a.ts", "./b.ts"]],
    [`import a, { type B } from "./a.ts";`, ["./a.ts"]],
    [`import {\n  one, // it's one\n  two,\n} from "./a.ts";`, ["./a.ts"]],
    [`import { "a b" as c } from "./a.ts";`, ["./a.ts"]],
    [`import "./side-effect.ts";`, ["./side-effect.ts"]],
    [`import x from "./x.json" with { type: "json" };`, ["./x.json"]],
    [`import /* why */ x from /* not "this" */ "./a.ts";`, ["./a.ts"]],
    [`import x from // why\n  "./a.ts";`, ["./a.ts"]],
    [`export * from "./a.ts"; export { b } from "./b.ts";`, ["./a.ts", "./b.ts"]],
    [
      `const a = await import("./a.ts"); import(/* lazy */ './b.ts'); import(\`./c.ts\`)`,
      ["./a.ts", "./b.ts", "./c.ts"],
    ],
    [`const a = require("./a.cjs");`, ["./a.cjs"]],
    [`import type from "./a.ts";`, ["./a.ts"]],
    [`import type, { b } from "./a.ts";`, ["./a.ts"]],
    [`import type { A } from "./a.ts"; export type { B } from "./b.ts"; export type * from "./c.ts";`, []],
    [`import type A from "./a.ts"; import type * as B from "./b.ts";`, []],
    [`import type { A } from "./a.ts";\nimport { b } from "./a.ts";`, ["./a.ts"]],
    [`import type { A } from "./a.ts";\nimport b from "./b.ts";`, ["./b.ts"]],
    [`export type A = B\nimport{b}from"./b.ts"`, ["./b.ts"]],
    [`import type {\n  A,\n  B as C,\n} from "./a.ts";`, []],
    [`import(name); import(\`./\${name}.ts\`); Array.from("abc"); xfrom "./no.ts"; $import("./no.ts")`, []],
  ])("finds the imports of %s", (source, expected) => {
    expect(scanModule(source)).toEqual({ imports: expected, assets: [] });
  });

  test.each([
    [`readFile(new URL("./a.sql", import.meta.url))`, ["./a.sql"]],
    [`new URL(\n  './migrations',\n  import.meta.url,\n)`, ["./migrations"]],
    [
      `new URL("../shared/x.sql", import.meta.url); new URL("/abs", import.meta.url); new URL("https://x", base)`,
      ["../shared/x.sql"],
    ],
    [`fork(import.meta.resolve("./worker.ts")); import.meta.resolve("pkg")`, ["./worker.ts"]],
    [`join(import.meta.dirname, "sql"); join(import.meta.dirname, "..", 'data', "a.csv")`, ["sql", "../data/a.csv"]],
    [`new URL(name, import.meta.url); join(import.meta.dirname, name)`, []],
  ])("finds the files beside %s", (source, expected) => {
    expect(scanModule(source)).toEqual({ imports: [], assets: expected });
  });

  test("takes time in proportion to the text", () => {
    const hostile = ["import ", "from ", " ", "/**/", "/* ", "//\n", `"`, "import type { ", "new URL( "].map((part) =>
      part.repeat(20_000),
    );
    const start = performance.now();
    for (const text of hostile) scanModule(text);
    expect(performance.now() - start).toBeLessThan(5_000);
  });
});
