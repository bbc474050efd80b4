import type { Metric, Panel, PanelRow } from "@caisson/core";
import { counts, increase, level, max, quantile, rate, sum } from "@caisson/core/promql";
import { aggregationService } from "../services/aggregation-service/contract.ts";
import { apiGateway } from "../services/api-gateway/contract.ts";
import { eventProcessor } from "../services/event-processor/contract.ts";
import { queryService } from "../services/query-service/contract.ts";

const [gateway, processor] = [apiGateway.metrics, eventProcessor.metrics];

const byResult = (title: string, metric: Metric<"result", "counter">): Panel => ({
  title,
  kind: "timeseries",
  unit: "ops",
  queries: [{ legend: "{{result}}", query: sum(rate(counts(metric), "5m"), ["result"]) }],
});

/** An event's way: taken, acknowledged, processed, asked for; and what must not happen on it. */
export const eventPanels: readonly PanelRow[] = [
  {
    title: "Events",
    panels: [
      byResult("Events taken a second", gateway.ingested),
      {
        title: "Time to acknowledge",
        kind: "timeseries",
        unit: "s",
        queries: [{ legend: "p95", query: quantile(0.95, gateway.ackSeconds, "5m") }],
      },
      {
        title: "Lag",
        kind: "timeseries",
        unit: "s",
        queries: [
          // The gateway's own look: a processor that hangs tells of no batch.
          { legend: "waits", query: max(level(gateway.lagSeconds)) },
          { legend: "last batch of shard {{shard}}", query: max(level(processor.lagSeconds), ["shard"]) },
        ],
      },
      byResult("Events processed a second", processor.processed),
      {
        title: "Time of a batch",
        kind: "timeseries",
        unit: "s",
        queries: [{ legend: "p95", query: quantile(0.95, processor.batchSeconds, "5m") }],
      },
      {
        title: "Time of a query",
        kind: "timeseries",
        unit: "s",
        queries: [
          {
            legend: "p95 of {{query}}",
            query: quantile(0.95, queryService.metrics.querySeconds, "5m", { by: ["query"] }),
          },
        ],
      },
      {
        title: "Dead letters in the last day",
        kind: "stat",
        unit: "short",
        queries: [
          { legend: "events", query: sum(increase(counts(processor.processed, { result: "dead_letter" }), "1d")) },
        ],
      },
      {
        title: "Totals that drifted in the last day",
        kind: "stat",
        unit: "short",
        queries: [{ legend: "totals", query: sum(increase(counts(aggregationService.metrics.drift), "1d")) }],
      },
    ],
  },
];
