import type { Config } from "../../components/config-text.ts";
import { toMs } from "../../model/quantity.ts";
import type { Alert } from "../../model/monitoring.ts";
import { both, compare } from "../../promql/build.ts";
import type { Query } from "../../promql/query.ts";
import { durationText, promqlText } from "../../promql/text.ts";

/** An alert with the resource it is about and the threshold in force. */
export interface BoundAlert extends Alert {
  readonly of: string;
}

/** What has to answer for the alert to be pending. */
export function alertQuery({ value, op, threshold, guard }: Alert): Query {
  const exceeded = compare(value, op, threshold);
  return guard ? both(exceeded, "and", guard) : exceeded;
}

/**
 * An alert as Prometheus's rule files have it. Its labels replace those of the series: none may be one that tells two of them apart,
 * as Kafka's `topic` does.
 */
export function alertRule(alert: BoundAlert): Config {
  return {
    alert: alert.name,
    expr: promqlText(alertQuery(alert)),
    for: durationText(toMs(alert.for)),
    labels: { severity: alert.severity, resource: alert.of, about: alert.about ?? alert.name },
    annotations: { summary: alert.summary, action: alert.action, value: "{{ $value | humanize }}" },
  };
}
