import type { Action, DesiredResource, Observed, Operation, Plan, Problem, Resource } from "@caisson/core/run";
export function reconcile(desired: readonly DesiredResource[], observed: Observed): Plan {
  const operations: Operation[] = []; const unchanged: string[] = [];
  const add = (action: Action, cause: string, after: number[] = []): number => { const id = operations.length + 1; operations.push({ id, after, cause, action }); return id; };
  for (const d of desired) {
    if (!d.start) continue;
    const o = observed.resources.find((x) => x.name === d.name);
    const same = o && JSON.stringify(o.identity) === JSON.stringify(d.identity);
    const fine = o && same && !o.stopped && (d.kind === "job" ? o.succeeded === true : o.state === "Running");
    if (fine) { unchanged.push(d.name); continue; }
    const generation = (o?.generation ?? 0) + (same ? 0 : 1);
    const vols = d.volumes.filter((v) => !observed.volumes.some((x) => x.resource === d.name && x.name === v.name)).map((v) => add({ type: "create-volume", resource: d.name, volume: v.name }, "new"));
    const s = add({ type: "set-desired", resource: d.name, generation, replicas: d.replicas }, o ? "changed" : "new", vols);
    add({ type: "await", resource: d.name, condition: d.kind === "job" ? "completed" : "healthy" }, "new", [s]);
  }
  return { operations, unchanged, confirmations: [], notes: [] };
}
export const formatPlan = (plan: Plan): string => plan.operations.map((o) => `${o.id} ${o.action.type} ${JSON.stringify(o.action)}`).join("\n");
export const checkCapacity = (_r: readonly Resource[], _h: unknown): { errors: Problem[]; warnings: Problem[] } => ({ errors: [], warnings: [] });
