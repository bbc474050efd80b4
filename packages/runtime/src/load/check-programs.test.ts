import { command, defineProgram, defineStack, resolveStack, service, Type, type Resource } from "@caisson/core";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { checkPrograms } from "./check-programs.ts";
import { relativeModules } from "./relative-modules.ts";
import { tempFolder, writeFiles } from "./testing/project.ts";

test("programs whose file or folder is not there are refused, all at once, each with its path", () => {
  const root = tempFolder();
  writeFiles(root, { "a/main.ts": "", "tools/run.sh": "" });
  const meta = (folder: string): { url: string } => ({ url: pathToFileURL(join(root, folder, "contract.ts")).href });
  const node = (name: string, main: string): Resource =>
    service(defineProgram(meta("."), name, { main, config: Type.Object({}) }), { config: {} });
  const tool = (name: string, folder: string): Resource =>
    command(defineProgram(meta(folder), name, { command: ["./run.sh"], config: Type.Object({}) }), { config: {} });
  const check = (...resources: readonly Resource[]): void =>
    checkPrograms(relativeModules(resolveStack(defineStack("demo", resources)), root), root);

  check(node("a", "./a/main.ts"), tool("t", "tools"));
  expect(() => check(node("a", "./a/main.ts"), node("b", "./b/main.ts"), node("c", "./a"), tool("t", "toolz"))).toThrow(
    expect.objectContaining({
      code: "E_PROGRAM_NOT_FOUND",
      problems: [
        ["demo/b/program/main", "expected a file, got b/main.ts, which does not exist"],
        ["demo/c/program/main", "expected a file, got a, which is a folder"],
        ["demo/t/program/cwd", "expected a folder, got toolz, which does not exist"],
      ].map(([path, message]) => ({ code: "E_PROGRAM_NOT_FOUND", path, message })),
    }),
  );
});
