import { cpSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { loadFiles, tempFolder, writeFiles, type Loaded } from "./testing/project.ts";

const stack = `import { defineStack } from "@caisson/core";
export default defineStack("demo", []);
`;
const service = {
  "services/api/contract.ts": `import { defineProgram, Type } from "@caisson/core";
export const api = defineProgram(import.meta, "api", { config: Type.Object({}), http: { port: 8000 } });
`,
  "services/api/main.ts": `console.log("api");`,
  "stack.ts": `import { defineStack, service } from "@caisson/core";
import { api } from "./services/api/contract.ts";
export default defineStack("demo", [service(api, { config: {} })]);
`,
};

async function load(file: string): Promise<Loaded & { stderr: string }> {
  const { results, stderr } = await loadFiles([file]);
  const [only] = results;
  if (only === undefined) throw new Error("expected a result");
  return { ...only, stderr };
}

describe("loadStack", () => {
  test("loads a stack outside any project with our copy of core, without a warning", async () => {
    const root = tempFolder();
    writeFiles(root, service);
    const loaded = await load(join(root, "stack.ts"));
    expect(loaded).toMatchObject({ name: "demo", root, file: join(root, "stack.ts"), stderr: "" });
    expect(JSON.stringify(loaded.resolved)).not.toContain(root);
    expect(JSON.stringify(loaded.resolved)).toContain(`"base":"","path":"services/api/main.ts"`);
  });

  test("takes modules without a package.json type for modules, silently", async () => {
    const root = tempFolder();
    writeFiles(root, { ...service, "package.json": `{ "name": "x" }` });
    expect(await load(join(root, "stack.ts"))).toMatchObject({ name: "demo", stderr: "" });
  });

  test("prefers the project's own copy of core", async () => {
    const root = tempFolder();
    writeFiles(root, {
      "stack.ts": stack,
      "package.json": `{ "type": "module" }`,
      "node_modules/@caisson/core/package.json": `{ "name": "@caisson/core", "type": "module", "exports": "./index.js" }`,
      "node_modules/@caisson/core/index.js": `export const defineStack = (name, items) => ({
        kind: "stack", modelVersion: 1, name: name + "-of-the-project", environments: { dev: {} },
        params: { type: "object", properties: {}, required: [] }, build: () => items });`,
    });
    expect((await load(join(root, "stack.ts"))).name).toBe("demo-of-the-project");
  });

  test("takes a stack made by another copy of core, whole", async () => {
    const root = tempFolder();
    writeFiles(root, { ...service, "package.json": `{ "type": "module" }` });
    const core = fileURLToPath(new URL("../../../core", import.meta.url));
    // Outside node_modules, as a workspace package is: Node refuses TypeScript below node_modules.
    cpSync(core, join(root, "packages/core"), {
      recursive: true,
      filter: (path) => !/node_modules|\.test\.ts$/.test(path),
    });
    writeFiles(root, { "node_modules/@caisson/.keep": "" });
    symlinkSync(join(root, "packages/core"), join(root, "node_modules/@caisson/core"));
    for (const name of ["typebox", "yaml"])
      symlinkSync(
        fileURLToPath(new URL(`../../../../node_modules/${name}`, import.meta.url)),
        join(root, "node_modules", name),
      );
    writeFiles(root, { "wrong.ts": `import { toMs } from "@caisson/core";\n\nexport default toMs("5 apples");` });
    const { results } = await loadFiles([join(root, "stack.ts"), join(root, "wrong.ts")]);
    expect(results[0]).toMatchObject({ name: "demo", root });
    expect(results[1]).toMatchObject({
      code: "E_VALUE",
      message: expect.stringContaining(`${root}/wrong.ts:3: `) as string,
    });
  });

  test("loads from folders with spaces, unicode and what URLs escape", async () => {
    const root = join(tempFolder(), "mein Stapel ü #1 100%?");
    writeFiles(root, service);
    const loaded = await load(join(root, "stack.ts"));
    expect(loaded).toMatchObject({ root, file: join(root, "stack.ts") });
    expect(JSON.stringify(loaded.resolved)).toContain(`"path":"services/api/main.ts"`);
  });

  test("gives the real path of a linked folder", async () => {
    const root = tempFolder();
    writeFiles(root, { ...service, "package-lock.json": "{}" });
    const link = join(tempFolder(), "link");
    symlinkSync(root, link);
    const [direct, linked] = [await load(join(root, "stack.ts")), await load(join(link, "stack.ts"))];
    expect(linked).toEqual(direct);
  });

  test.each([
    ["the lockfile above", { "package-lock.json": "{}", "a/package.json": "{}" }, ""],
    ["the repository above", { ".git/HEAD": "", "a/package.json": "{}" }, ""],
    ["the package above", { "a/package.json": "{}" }, "a"],
    ["nothing above", {}, "a/b"],
    ["a lockfile nearer than the repository", { ".git/HEAD": "", "a/package-lock.json": "{}" }, "a"],
  ])("takes as root %s", async (_, files, expected) => {
    const root = tempFolder();
    writeFiles(root, { ...(files as Record<string, string>), "a/b/stack.ts": stack });
    expect((await load(join(root, "a/b/stack.ts"))).root).toBe(join(root, expected));
  });

  test("says what is wrong with a default export that is no stack", async () => {
    const root = tempFolder();
    const make = (fields: string): string =>
      `export default { kind: "stack", name: "x", params: {}, environments: {}, build() {}, ${fields} };`;
    const cases: [string, string][] = [
      ["export const a = 1;", ": expected a stack as the default export, got none"],
      ["export default () => 1;", ": expected a stack as the default export, got a value of type function"],
      ["export default [];", ": expected a stack as the default export, got a list"],
      ["export default null;", ": expected a stack as the default export, got null"],
      [`export default { kind: "profile" };`, ": expected a stack as the default export, got a profile"],
      [`export const mine = { kind: "stack" };`, " exports its stack as mine, expected it as the default export"],
      [
        make("modelVersion: 2"),
        " is made with a newer @caisson/core: its model version is 2, this caisson reads up to 1",
      ],
      [make(`modelVersion: "1"`), ": the default export looks like a stack but is not whole"],
      [make("modelVersion: 1, build: 1"), ": the default export looks like a stack but is not whole"],
    ];
    writeFiles(root, Object.fromEntries(cases.map(([text], index) => [`${index}.ts`, text])));
    const { results } = await loadFiles(cases.map((_, index) => join(root, `${index}.ts`)));
    for (const [index, [, expected]] of cases.entries())
      expect(results[index]).toMatchObject({ code: "E_STACK_LOAD", message: join(root, `${index}.ts`) + expected });
  });

  test("turns every failure of an import into file, line and reason", async () => {
    const root = tempFolder();
    writeFiles(root, { "lib.ts": "export const y = 1;\n", "half.json": "{", "x/deep.ts": "\n\nconst a = ;\n" });
    const cases: [text: string, place: string, reason: RegExp, hint?: RegExp][] = [
      ["const a: number = 1;\nenum X { A }\n", ":2", /enum is not supported/, /erasableSyntaxOnly/],
      ["const a: number = 1;\nconst b = ;\n", ":2", /Expression expected/],
      [`\nthrow new Error("boom");`, ":2", /^boom$/],
      [`const f = () => {\n  return b.c;\n};\nf();\nexport {};`, ":2", /ReferenceError: b is not defined/],
      [`throw "just text";`, "", /threw "just text"/],
      [`throw undefined;`, "", /threw undefined/],
      [`\n\nimport "./libs.ts";`, ":3", /Cannot find module '.*libs\.ts'; did you mean lib\.ts\?/],
      [
        `\nimport { x } from "no-such-package";`,
        ":2",
        /Cannot find package 'no-such-package'/,
        /npm install no-such-package/,
      ],
      [`\nimport { x } from "./lib.ts";`, ":2", /does not provide an export named 'x'/],
      [`import x from "./half.json" with { type: "json" };`, "", /half\.json: Expected property name/],
      [`import x from "./half.json";`, "", /needs an import attribute/],
      [
        `import { toMs } from "@caisson/core";\n\nexport const x = toMs("5 apples");`,
        ":3",
        /expected a duration such as/,
      ],
    ];
    writeFiles(root, {
      ...Object.fromEntries(cases.map(([text], index) => [`${index}.ts`, text])),
      "deep.ts": `import "./x/deep.ts";`,
    });
    const files = cases.map((_, index) => join(root, `${index}.ts`));
    const { results } = await loadFiles([...files, join(root, "deep.ts"), join(root, "none.ts")]);
    for (const [index, [, place, reason, hint]] of cases.entries()) {
      const { message, code, hint: got } = results[index] as Loaded;
      expect(code).toBe(index === 11 ? "E_VALUE" : "E_STACK_LOAD");
      expect(message.startsWith(`${files[index]}${place}`), message).toBe(true);
      expect(message.slice(`${files[index]}${place}: `.length)).toMatch(reason);
      expect(message).not.toMatch(/\n\s*at |file:\/\/|node:internal/);
      if (hint) expect(got).toMatch(hint);
    }
    expect(results.at(-2)?.message).toBe(`${root}/x/deep.ts:3: Expression expected`);
    expect(results.at(-1)?.message).toBe(`expected a stack file, but ${root}/none.ts does not exist`);
  });
});
