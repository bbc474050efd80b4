import { isCaissonError } from "@caisson/core";
import fc from "fast-check";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readDotenv } from "./read-dotenv.ts";
import { tempFolder, writeFiles } from "./testing/project.ts";

function read(content: string): Record<string, string> {
  const folder = tempFolder();
  writeFiles(folder, { ".env": content });
  return readDotenv(join(folder, ".env"));
}

function failure(content: string): string {
  try {
    read(content);
  } catch (error) {
    if (isCaissonError(error)) return `${error.code} ${error.message.replaceAll(/\/[^\s]*\/\.env/g, ".env")}`;
    throw error;
  }
  throw new Error("expected a failure");
}

describe("readDotenv", () => {
  test.each([
    ["a bare value", "A=1", { A: "1" }],
    ["export", "export A=1\n  export\tB=2", { A: "1", B: "2" }],
    ["the YAML way", "A: one two", { A: "one two" }],
    ["space around =", "A = 1 ", { A: "1" }],
    ["nothing", "A=\nB=", { A: "", B: "" }],
    ["comments and empty lines", "# A=0\n\n   # more\nA=1 # one\nB=2", { A: "1", B: "2" }],
    ["# inside a value", "A=a#b\nB=#fff\nC= # c\nD='a # b' # c", { A: "a#b", B: "#fff", C: "", D: "a # b" }],
    ["single quotes as they are", `A='$x \${y} \\n "z"'`, { A: '$x ${y} \\n "z"' }],
    ["an escaped single quote", String.raw`A='it\'s'`, { A: "it's" }],
    ["double quotes with escapes", String.raw`A="a\tb\n\"c\" \\ \$d \${e} \q"`, { A: 'a\tb\n"c" \\ $d ${e} \\q' }],
    ["quoted values over lines", "A='one\ntwo'\nB=\"three\nfour\"\nC=5", { A: "one\ntwo", B: "three\nfour", C: "5" }],
    ["a dollar sign is one", 'A=pa$$word\nB="$HOME"', { A: "pa$$word", B: "$HOME" }],
    ["quotes inside a bare value", `A=it's "so"`, { A: `it's "so"` }],
    ["equals signs in a value", "A=b=c==", { A: "b=c==" }],
    ["the last of two", "A=1\nA=2", { A: "2" }],
    ["Windows' line ends and a byte order mark", "\uFEFFA=1\r\nB='2'\r\n", { A: "1", B: "2" }],
    ["a name alone", "A\nexport B\nC=3", { C: "3" }],
    ["unicode", "A=grün", { A: "grün" }],
    ["an empty file", "", {}],
  ])("reads %s", (_, content, expected) => {
    expect(read(content)).toEqual(expected);
  });

  test.each([
    ["a line that is none", "A=1\nthis is no line\nB=2", "2: expected NAME=value"],
    ["a name that is none", "1A=x", "1: expected NAME=value"],
    ["no name", "=x", "1: expected NAME=value"],
    ["a quote without its end", 'A=1\n\nB="s3cret', `3: the value of B has an opening " without its end`],
    ["something after a quote", `A='s3cret' tail`, "1: expected nothing but a comment after the quoted value of A"],
    ["interpolation", "A=${s3cret}", "1: the value of A holds ${...}"],
    ["interpolation in double quotes", 'A="x${s3cret}"', "1: the value of A holds ${...}"],
  ])("refuses %s with its line, without the value", (_, content, expected) => {
    const message = failure(content);
    expect(message).toContain(`E_PARAM .env cannot be read:\n  .env:${expected}`);
    expect(message).not.toContain("s3cret");
  });

  test("reports every malformed line", () => {
    expect(failure("what is\nA=1\nthis then")).toMatch(/\.env:1: .*\n.*\.env:3: /);
    expect(failure("A='one\ntwo' tail\nB C")).toMatch(/:\n.*\.env:1: .*\n.*\.env:3: .*$/);
  });

  test("says when the file does not exist", () => {
    const path = join(tempFolder(), ".env");
    expect(() => readDotenv(path)).toThrow(`expected an environment file, but ${path} does not exist`);
  });

  test("reads back any text in single quotes, and never does anything but read or refuse", () => {
    const folder = tempFolder();
    const path = join(folder, ".env");
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.string(), (value, rest) => {
        const text = value.replaceAll(/['\\\r]/g, "");
        writeFiles(folder, { ".env": `A='${text}'\nB=1\n` });
        expect(readDotenv(path)).toEqual({ A: text, B: "1" });
        writeFiles(folder, { ".env": rest });
        try {
          readDotenv(path);
        } catch (error) {
          expect(isCaissonError(error)).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });
});
