import type { Metric } from "../../model/contract.ts";
import type { Alert } from "../../model/monitoring.ts";
import { level, min } from "../../promql/build.ts";

/** Tells that a part goes on with an old configuration; `taken` is 1 while it took its last one. */
export function configurationRefused(of: string, taken: Metric<never, "gauge">): Alert {
  return {
    name: "ConfigurationRefused",
    of,
    severity: "critical",
    value: min(level(taken, { resource: of }), ["resource"]),
    op: "<",
    threshold: 1,
    for: "5m",
    summary: `${of} refused its new configuration and goes on with the old one.`,
    action: `caisson logs ${of} says what is wrong; caisson up writes the stack's own again.`,
    example: [{ metric: taken, labels: { job: of, instance: "a", resource: of }, quiet: 1, alarm: 0 }],
  };
}
