/** Errors alone: what a command that has nothing to work out needs of core. The types are those of the main entry. */
export { CaissonError, isCaissonError } from "./errors/caisson-error.ts";
export { nearest } from "./errors/nearest.ts";
export { throwProblems } from "./errors/problem.ts";
export { errorTable } from "./errors/table.ts";
export type * from "./index.ts";
