import { topological } from "../derive/topological.ts";
import { throwProblems } from "../errors/problem.ts";
import type { DesiredResource, Observed, Plan } from "./plan-types.ts";
import { changeOf } from "./reconcile/change.ts";
import { confirmations, dataProblems } from "./reconcile/data.ts";
import { emitRemovals, emitResource } from "./reconcile/emit.ts";
import { createDraft, type PlanDraft } from "./reconcile/draft.ts";

/**
 * What has to be done so that the observed becomes the desired: only what differs, each operation with its cause, in an
 * order in which what is needed comes first. Pure; linear in resources and needs. Throws one error with every reason why
 * data stands against it: another instance's, another component's, another major's, or a rename that nobody declared.
 */
export function reconcile(desired: readonly DesiredResource[], observed: Observed): Plan {
  const draft = createDraft(desired, observed);
  throwProblems(dataProblems(draft), "E_VOLUME", "the plan");
  const unchanged: string[] = [];
  emitRemovals(draft, "renamed");
  for (const name of inOrder(draft)) {
    const resource = draft.desired.get(name);
    if (!resource) continue;
    const change = changeOf(draft, resource);
    if (change) emitResource(draft, resource, change);
    else if (resource.start) unchanged.push(name);
  }
  emitRemovals(draft, "others");
  return { operations: draft.operations, unchanged, confirmations: confirmations(draft), notes: [] };
}

function inOrder({ desired }: PlanDraft): string[] {
  return topological([...desired.keys()], (name) => (desired.get(name)?.needs ?? []).map((need) => need.resource));
}
