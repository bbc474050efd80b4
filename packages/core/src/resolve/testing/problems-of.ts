import { isCaissonError } from "../../errors/caisson-error.ts";
import { defineStack, type StackItem } from "../../model/stack.ts";
import { resolveStack, type ResolveOptions } from "../resolve-stack.ts";

/** `CODE path: message` of each problem of a stack of these items. */
export function problemsOf(items: readonly StackItem[], options: ResolveOptions = {}, name = "shop"): string[] {
  try {
    resolveStack(defineStack(name, items), options);
  } catch (error) {
    if (isCaissonError(error)) return error.problems.map(({ code, path, message }) => `${code} ${path}: ${message}`);
    throw error;
  }
  return [];
}
