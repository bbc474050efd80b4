import { CaissonError } from "./caisson-error.ts";
import type { ErrorCode } from "./table.ts";

/** One thing that is wrong with what a user wrote: where (`usage-tracking/api-gateway/config/redisUrl`) and what. */
export interface Problem {
  readonly code: ErrorCode;
  readonly path: string;
  readonly message: string;
}

/** Throws one error that lists all problems; returns when there are none. A single kind of problem keeps its code. */
export function throwProblems(problems: readonly Problem[], code: ErrorCode, what: string): void {
  const [first] = problems;
  if (first === undefined) return;
  const same = problems.every((problem) => problem.code === first.code);
  const lines = problems.map((problem) => `  ${problem.path}: ${problem.message} [${problem.code}]`);
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  throw new CaissonError(same ? first.code : code, `${what} has ${count}:\n${lines.join("\n")}`, {
    problems,
  });
}
