export { CaissonError, isCaissonError } from "./errors/caisson-error.ts";
export { throwProblems, type Problem } from "./errors/problem.ts";
export { errorTable, type ErrorCode } from "./errors/table.ts";
