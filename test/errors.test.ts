import { errorTable } from "@caisson/core";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { commandErrors } from "../packages/cli/src/errors/table.ts";
import { errorsDocument } from "../scripts/errors-document.ts";
import { repo } from "./testing/repo.ts";
import { isForTests, sourcesOf } from "./testing/sources.ts";

/** They name codes, but raise none. */
const tables: readonly string[] = [
  "packages/core/src/errors/table.ts",
  "packages/cli/src/errors/table.ts",
  "packages/cli/src/errors/exit-codes.ts",
];
const sources = ["packages", "stacks"]
  .flatMap(sourcesOf)
  .filter((path) => !isForTests(path) && !tables.includes(path))
  .map((path) => readFileSync(join(repo, path), "utf8"));

describe("the error codes", () => {
  test("docs/errors.md is what the tables say (npm run docs:errors)", () => {
    expect(readFileSync(join(repo, "docs/errors.md"), "utf8")).toBe(errorsDocument());
  });

  test("are each in one table, and in the document once", () => {
    const codes = [...Object.keys(errorTable), ...Object.keys(commandErrors)];
    expect(new Set(codes).size).toBe(codes.length);
    const rows = errorsDocument().match(/^### E_[A-Z_]+$/gm) ?? [];
    expect(rows).toHaveLength(codes.length);
    expect(errorsDocument()).toContain(`one of ${codes.length} codes`);
  });

  test.each([...Object.keys(errorTable), ...Object.keys(commandErrors)])("%s is raised somewhere", (code) => {
    // `"E_CODE"`; the launcher, which loads no table, prints `error[E_CODE]`.
    expect(sources.some((text) => text.includes(`"${code}"`) || text.includes(`[${code}]`))).toBe(true);
  });

  test.each(Object.entries({ ...errorTable, ...commandErrors }))(
    "%s says what went wrong and what to do",
    (code, entry) => {
      expect(code).toMatch(/^E_[A-Z]+(_[A-Z]+)*$/);
      expect(entry.summary).toMatch(/^[A-Z].*\.$/);
      expect(entry.hint).toMatch(/^.{10,}$/);
    },
  );
});
