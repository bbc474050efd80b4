import type { Metric } from "../../model/contract.ts";
import type { Alert } from "../../model/monitoring.ts";
import { level, max } from "../../promql/build.ts";

/** Tells that a part does not answer the exporter that looks at it; `up` is 1 while it does. */
export function down(name: string, of: string, up: Metric<never, "gauge">): Alert {
  return {
    name,
    of,
    severity: "critical",
    value: max(level(up, { resource: of }), ["resource"]),
    op: "==",
    threshold: 0,
    for: "1m",
    about: "down",
    summary: `${of} does not answer its exporter.`,
    action: `caisson why ${of} tells the chain of causes.`,
    example: [{ metric: up, labels: { job: "exporter", instance: "a", resource: of }, quiet: 1, alarm: 0 }],
  };
}
