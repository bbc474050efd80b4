import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runCli } from "./testing/run-cli.ts";
import { stackFolder } from "./testing/stack-folder.ts";
import { tempFolder } from "./testing/temp-folder.ts";

/** A stack file of one line after its imports. */
const stack = (line: string): string =>
  `import { command, defineProgram, defineStack, job, postgres, secret, SecretText, service, Type } from "@caisson/core";\n${line}\n`;
const program = `const p = (name, http) => defineProgram(import.meta, name, { main: "./service.mjs", management: false, config: Type.Object({}), ...(http && { http: { port: http } }) });`;

type Case = readonly [what: string, file: string | undefined, line: string, exit: number, code: string, says: RegExp];

const cases: readonly Case[] = [
  ["no stack here", undefined, "up", 1, "E_STACK_LOAD", /no stack found/],
  ["no stack of that name", "", "-f usage-trackin up", 1, "E_STACK_LOAD", /there is no stack "usage-trackin"/],
  ["no such file", "", "up -f ./stak.ts", 1, "E_STACK_LOAD", /stak\.ts does not exist; did you mean stack\.ts\?/],
  ["a folder without a stack", "", "up -f .cache/", 1, "E_STACK_LOAD", /does not exist|has no stack\.ts/],
  ["an empty file", "", "up", 1, "E_STACK_LOAD", /expected a stack as the default export, got none/],
  ["a syntax error", "export default {", "up", 1, "E_STACK_LOAD", /stack\.ts/],
  ["types that do not strip", "enum A { B }\nexport default A;", "up", 1, "E_STACK_LOAD", /enum/i],
  ["a file that throws", 'throw new Error("no such luck");', "up", 1, "E_STACK_LOAD", /stack\.ts:1: no such luck/],
  ["a file that throws a string", 'throw "luck";', "up", 1, "E_STACK_LOAD", /threw "luck"/],
  ["a missing import", 'import "./nowhere.ts";', "up", 1, "E_STACK_LOAD", /nowhere\.ts/],
  ["a missing package", 'import "no-such-package";', "up", 1, "E_STACK_LOAD", /no-such-package/],
  [
    "a stack not exported by default",
    stack('export const s = defineStack("s", []);'),
    "up",
    1,
    "E_STACK_LOAD",
    /exports its stack as s/,
  ],
  ["another default export", "export default 42;", "up", 1, "E_STACK_LOAD", /got a value of type number/],
  [
    "a name that is none",
    stack('export default defineStack("My Stack", []);'),
    "up",
    1,
    "E_NAME_INVALID",
    /"My Stack"/,
  ],
  [
    "two of one name",
    stack(
      `${program} export default defineStack("s", [service(p("a"), { config: {} }), service(p("a"), { config: {} })]);`,
    ),
    "plan",
    1,
    "E_NAME_DUPLICATE",
    /a/,
  ],
  [
    "a port of two",
    stack(
      `${program} export default defineStack("s", [service(p("a", 9001), { config: {} }), service(p("b", 9001), { config: {} })]);`,
    ),
    "plan",
    1,
    "E_PORT_CLASH",
    /9001/,
  ],
  [
    "a circle",
    stack(
      `${program} const a = service(p("a"), { config: {}, after: [{ resource: "b", strength: "needs", condition: "healthy" }] }); export default defineStack("s", [a, service(p("b"), { config: {}, after: [a] })]);`,
    ),
    "plan",
    1,
    "E_CYCLE",
    /a.*b|b.*a/,
  ],
  [
    "a wrong size",
    stack('export default defineStack("s", [postgres("db", { limits: { memory: "much" } })]);'),
    "plan",
    1,
    "E_VALUE",
    /"much"/,
  ],
  [
    "a contract not met",
    stack(
      'const p = defineProgram(import.meta, "p", { main: "./x.mjs", config: Type.Object({ url: Type.String() }) }); export default defineStack("s", [service(p, { config: {} })]);',
    ),
    "plan",
    1,
    "E_CONTRACT",
    /url/,
  ],
  [
    "a missing parameter",
    stack('export default defineStack("s", { params: Type.Object({ domain: Type.String() }) }, () => []);'),
    "plan",
    1,
    "E_PARAM",
    /domain: is missing/,
  ],
  [
    "an unknown parameter",
    stack(
      'export default defineStack("s", { params: Type.Object({ domain: Type.String({ default: "x" }) }) }, () => []);',
    ),
    "plan --set domian=y",
    1,
    "E_PARAM",
    /did you mean domain\?/,
  ],
  [
    "a parameter of a wrong type",
    stack('export default defineStack("s", { params: Type.Object({ port: Type.Integer() }) }, () => []);'),
    "plan --set port=high",
    1,
    "E_PARAM",
    /port: expected integer.*"high"/,
  ],
  [
    "a secret that was not supplied",
    stack(
      'const p = defineProgram(import.meta, "p", { main: "./service.mjs", management: false, config: Type.Object({ key: SecretText(8) }) }); export default defineStack("s", [service(p, { config: { key: secret("api-key", { provided: true }) } })]);',
    ),
    "up -d",
    1,
    "E_SECRET_MISSING",
    /caisson secret set api-key/,
  ],
];

describe("stack files", () => {
  test.each(cases)("%s", async (_, file, line, exit, code, says) => {
    const cwd = file === undefined ? tempFolder() : stackFolder({ "stack.ts": file });
    const ended = await runCli(line.split(" "), { cwd });
    expect(ended).toMatchObject({ code: exit, stdout: "" });
    expect(ended.stderr).toMatch(new RegExp(`^error\\[${code}\\]: `));
    expect(ended.stderr).toMatch(says);
    expect(ended.stderr).toMatch(/\n {2}hint: .+\n( {8}.+\n)*$/);
    expect(ended.stderr).not.toMatch(/\n\s+at .*:\d+:\d+/);
  });
});

describe("a good stack, asked for what it has not", () => {
  type Asked = readonly [line: string, code: string, says: RegExp];
  const asked: readonly Asked[] = [
    ["up --env prd", "E_ENVIRONMENT_UNKNOWN", /"prd" \(it has dev, prod\)\n {2}hint: Did you mean prod\?/],
    ["up --profile extr", "E_PROFILE_UNKNOWN", /did you mean extra\?/],
    ["up --without workr", "E_REFERENCE_UNKNOWN", /did you mean worker\?/],
    ["up --scale apy=2", "E_REFERENCE_UNKNOWN", /did you mean api\?/],
    ["up apii", "E_RESOURCE_UNKNOWN", /Did you mean api\?/],
    ["up more", "E_RESOURCE_UNKNOWN", /more is not on: profile extra is off\n {2}hint: Turn its profile on/],
    ["plan apii", "E_RESOURCE_UNKNOWN", /Did you mean api\?/],
    ["up --env-file nowhere.env", "E_FILE", /nowhere\.env does not exist/],
    ["up --env-file bad.env", "E_PARAM", /bad\.env:1/],
    ["up --set level=middle", "E_PARAM", /"low", "high"/],
    ["secret get api-kee --yes", "E_SECRET_UNKNOWN", /Did you mean api-key\?/],
    ["secret get api-key --yes", "E_SECRET_MISSING", /made at the first `caisson up`/],
    ["secret set api-key --from-file nowhere", "E_FILE", /nowhere cannot be read/],
    ["secret set api-key", "E_SECRET_VALUE", /api-key/],
    ["ps apii", "E_RESOURCE_UNKNOWN", /Did you mean api|it has none/],
  ];
  test.each(asked)("%s", async (line, code, says) => {
    const cwd = stackFolder({ "bad.env": "this is no assignment\n" });
    const { code: exit, stdout, stderr } = await runCli(line.split(" "), { cwd });
    expect({ exit, stdout, stderr }).toMatchObject({ exit: 1, stdout: "" });
    expect(stderr).toMatch(new RegExp(`^error\\[${code}\\]: `));
    expect(stderr).toMatch(says);
    expect(stderr).not.toMatch(/\n\s+at .*:\d+:\d+/);
  });
});

test("all problems of a stack are told at once, and as JSON each with its path", async () => {
  const file = stack(
    `${program} export default defineStack("s", [service(p("a", 9001), { config: {} }), service(p("b", 9001), { config: {} }), service(p("Bad Name"), { config: {} })]);`,
  );
  const cwd = stackFolder({ "stack.ts": file });
  const { code, stderr } = await runCli(["plan", "--format", "json"], { cwd });
  expect(code).toBe(1);
  const { error } = JSON.parse(stderr) as { error: { code: string; problems: { code: string; path: string }[] } };
  expect(error.code).toBe("E_STACK_INVALID");
  expect(error.problems.map((problem) => problem.code).toSorted()).toEqual(["E_NAME_INVALID", "E_PORT_CLASH"]);
});

test.runIf(process.getuid?.() !== 0)("a folder that cannot be written is named", async () => {
  const cwd = stackFolder();
  chmodSync(cwd, 0o500);
  const ended = await runCli(["up", "-d"], { cwd });
  chmodSync(cwd, 0o700);
  expect(ended).toMatchObject({ code: 1, stderr: expect.stringMatching(/^error\[E_[A-Z_]+\]/) });
});

test("a file that is broken while the stack runs keeps nobody from looking, or from taking it down", async () => {
  const cwd = stackFolder();
  expect(await runCli(["up", "-d"], { cwd })).toMatchObject({ code: 0 });
  writeFileSync(join(cwd, "stack.ts"), "export default {");
  const note = /^note: .*stack\.ts cannot be loaded as it is now; this is the stack as it was\n/;
  expect(await runCli(["ps", "-q"], { cwd })).toMatchObject({ code: 0, stderr: expect.stringMatching(note) });
  expect(await runCli(["health"], { cwd })).toMatchObject({ code: 0, stderr: expect.stringMatching(note) });
  expect(await runCli(["why", "api"], { cwd })).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^api has been running/),
  });
  expect(await runCli(["plan"], { cwd })).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^error\[E_STACK_LOAD\]/),
  });
  expect(await runCli(["down"], { cwd })).toMatchObject({ code: 0, stderr: expect.stringMatching(note) });
  expect(await runCli(["health"], { cwd })).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^error\[E_STACK_LOAD\]/),
  });
});
