import { counter, gauge, histogram, type Metric, type MetricKind } from "@caisson/core";

/** What every program built on the kit emits beside its own metrics. Alerts and panels take these objects. */
export interface KitMetrics {
  /** Answered requests. `route` is the pattern (`/api/v1/events/:id`), `unmatched` where none fits. */
  readonly httpRequests: Metric<"method" | "route" | "status", "counter">;
  /** From the request's headers to the end of the answer, in seconds. */
  readonly httpSeconds: Metric<"method" | "route" | "status", "histogram">;
  /** Connections of a pool: `state` is `idle` or `busy`; `waiting` counts callers that wait for one. */
  readonly poolConnections: Metric<"pool" | "state", "gauge">;
  /** Steps of background loops that failed. */
  readonly loopFailures: Metric<"loop", "counter">;
}

/** Declares {@link KitMetrics}. */
export function kitMetrics(): KitMetrics {
  return {
    httpRequests: counter(
      "http_requests_total",
      ["method", "route", "status"],
      "Requests answered on the public listener",
    ),
    httpSeconds: histogram("http_request_duration_seconds", ["method", "route", "status"], "Time to answer a request"),
    poolConnections: gauge("db_pool_connections", ["pool", "state"], "Connections of a database pool by state"),
    loopFailures: counter("loop_failures_total", ["loop"], "Failed steps of background loops"),
  } satisfies Record<keyof KitMetrics, Metric<string, MetricKind>>;
}
