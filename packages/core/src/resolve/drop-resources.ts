import { deriveFiles, withoutDerived } from "../derive/derive-files.ts";
import { freeze } from "../model/freeze.ts";
import type { ResolvedStack, Skipped } from "../model/resolved.ts";
import { allEdges } from "./edges.ts";
import { prune } from "./prune.ts";

/** The same stack without some resources: an optional one that the host cannot run, say. What needs them goes too. */
export function dropResources(stack: ResolvedStack, off: readonly Skipped[]): ResolvedStack {
  // A file derived from all resources names those that go; its owner stays, with a file about those that are left.
  const { resources: left, skipped } = prune(
    withoutDerived(stack.resources, stack),
    new Map(off.map((each) => [each.name, each])),
  );
  const resources = deriveFiles(left, stack);
  return freeze({
    ...stack,
    resources,
    edges: allEdges(resources),
    skipped: [...stack.skipped, ...skipped],
  });
}
