import { processLaunch, reconcile, type DesiredResource, type Plan, type ResolvedStack } from "@caisson/core";

/** The plan of a first `up`: nothing is there yet. Hashing is left out, it is the runtime's and linear. */
export function planOf(stack: ResolvedStack): Plan {
  const byName = new Map(stack.resources.map((resource) => [resource.name, resource]));
  const needs = Map.groupBy(
    stack.edges.filter((edge) => edge.strength === "needs"),
    (edge) => edge.from,
  );
  const desired = stack.resources.map((resource): DesiredResource => {
    const { name, kind, replicas, volumes, component } = resource;
    const program = JSON.stringify(processLaunch(resource, byName).env);
    return {
      name,
      kind,
      component,
      replicas,
      volumes,
      start: true,
      identity: { config: program, program: "", catalogue: resource.catalogueVersion },
      needs: (needs.get(name) ?? []).map(({ to, condition }) => ({ resource: to, condition })),
    };
  });
  return reconcile(desired, { instance: "bench", resources: [], volumes: [] });
}
