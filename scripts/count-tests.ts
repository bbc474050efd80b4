// Counts a report of Vitest's JSON reporter: `node scripts/count-tests.ts FILE` prints "PASSED FAILED SKIPPED".
import { readFileSync } from "node:fs";

interface Report {
  readonly testResults: readonly {
    readonly status: "passed" | "failed";
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

// Written by Vitest a moment ago.
const report = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as Report;
const tests = report.testResults.flatMap(({ assertionResults }) => assertionResults.map(({ status }) => status));
// A file that fails outside its tests (an import, a hook) has no failed test to show for it.
const broken = report.testResults.filter(
  ({ status, assertionResults }) => status === "failed" && !assertionResults.some((test) => test.status === "failed"),
).length;
const passed = tests.filter((status) => status === "passed").length;
const failed = tests.filter((status) => status === "failed").length;
process.stdout.write(`${passed} ${failed + broken} ${tests.length - passed - failed}\n`);
