import { readFileSync } from "node:fs";
import type { Recorded } from "./record-modules.ts";

/** Modules that answer the same whenever they are asked, and the packages a stack is written with. */
const pure = /^(node:)?(path|path\/posix|url|util|assert|assert\/strict)$|^@caisson\/core(\/promql)?$|^typebox(\/.*)?$/;

/**
 * Words that let a module's result depend on more than its text: the world, the time, chance, code loaded later. A word
 * that another follows is prose ("a process that"), unless it is one of the operators that are words.
 */
const impure =
  /\b(?:process|Date|random|crypto|performance|globalThis|fetch|require|eval|Function|Intl|navigator)\b(?!\s+(?!as\b|in\b|instanceof\b)[a-z])|\bimport\s*\(|\bawait\b/;

/**
 * True where a stack's definition follows from the text of its modules alone, so that the same text means the same stack.
 * It errs on the side of no: what stands in a comment counts.
 */
export function isPure({ files, foreign }: Omit<Recorded, "packages">): boolean {
  return (
    foreign.every((specifier) => pure.test(specifier)) &&
    files.every((file) => !impure.test(readFileSync(file, "utf8")))
  );
}
