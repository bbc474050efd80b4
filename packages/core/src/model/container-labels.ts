/** Labels that every target puts on a container: whose it is. What reads logs and metrics of containers goes by these. */
export const containerLabels = {
  stack: "caisson.stack",
  environment: "caisson.environment",
  /** Of a pod's container: the pod. */
  resource: "caisson.resource",
} as const;

/** A label's name where only letters, digits and underscores are allowed, as Prometheus and Alloy write it. */
export function plainLabel(label: string): string {
  return label.replaceAll(/[^a-zA-Z0-9_]/g, "_");
}
