import type { Alert } from "@caisson/core";
import { counts, increase, level, max, sum } from "@caisson/core/promql";
import { aggregationService } from "../services/aggregation-service/contract.ts";
import { apiGateway } from "../services/api-gateway/contract.ts";
import { eventProcessor } from "../services/event-processor/contract.ts";

const gateway = apiGateway.metrics;
const atGateway = { job: "api-gateway", instance: "a", resource: "api-gateway" };

/** What clients would notice beside errors, of which every service has an alert: events that are counted late. */
export const gatewayAlerts: readonly Alert[] = [
  {
    name: "EventsWait",
    severity: "warning",
    value: max(level(gateway.lagSeconds)),
    op: ">",
    threshold: 300,
    for: "5m",
    summary: "Acknowledged events wait for minutes to be counted; from maxLagSeconds on none is taken.",
    action: "caisson logs event-processor says what holds it up; --set shards=N lets more of them work at once.",
    example: [{ metric: gateway.lagSeconds, labels: atGateway, quiet: 1, alarm: 900 }],
  },
];

const { processed } = eventProcessor.metrics;

/** What could not be stored is kept and not counted: somebody has to look at it. */
export const processorAlerts: readonly Alert[] = [
  {
    name: "EventsDead",
    severity: "warning",
    value: sum(increase(counts(processed, { result: "dead_letter" }), "15m")),
    op: ">",
    threshold: 0,
    for: "0s",
    summary: "Acknowledged events could not be stored: they are dead letters, and not counted.",
    action: "caisson run dead-letters -- list says why; with redrive in place of list they are tried once more.",
    example: [
      {
        metric: processed,
        labels: { job: "event-processor", instance: "a", resource: "event-processor", result: "dead_letter" },
        quiet: 0,
        alarm: 1,
      },
    ],
  },
];

const { drift } = aggregationService.metrics;

/** Totals are exact, or somebody has to know. */
export const totalsAlerts: readonly Alert[] = [
  {
    name: "TotalsDrift",
    severity: "critical",
    value: sum(increase(counts(drift), "15m")),
    op: ">",
    threshold: 0,
    for: "0s",
    summary: "Totals were found that differ from their raw events.",
    action: "caisson logs aggregation-service names each with both values; caisson sql postgres shows them.",
    example: [
      {
        metric: drift,
        labels: { job: "aggregation-service", instance: "a", resource: "aggregation-service" },
        quiet: 0,
        alarm: 1,
      },
    ],
  },
];
