import { freeze } from "../../model/freeze.ts";
import type { ResolvedStack } from "../../model/resolved.ts";

/**
 * The stack as a host without containers runs it: members of pods side by side. An nginx that stands before programs there is one,
 * however many replicas its pod has, for the programs' replicas share an address.
 */
export function flattenPods(stack: ResolvedStack): ResolvedStack {
  if (!stack.resources.some(({ pod }) => pod)) return stack;
  const resources = stack.resources.map((each) =>
    each.pod && each.kind === "component" ? { ...each, replicas: 1 } : each,
  );
  return freeze({ ...stack, resources });
}
