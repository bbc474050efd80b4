import { counter, gauge, histogram } from "./metric.ts";
import type { Metric, MetricKind } from "./contract.ts";

/** What every program built on the kit emits beside its own metrics. Alerts and panels take these objects. */
export interface KitMetrics {
  /** Answered requests. `route` is the pattern (`/api/v1/events/:id`), `unmatched` where none fits. */
  readonly httpRequests: Metric<"method" | "route" | "status", "counter">;
  /** From the request's headers to the end of the answer, in seconds. */
  readonly httpSeconds: Metric<"method" | "route" | "status", "histogram">;
  /** Connections of a pool: `state` is `idle` or `busy`; `waiting` counts callers that wait for one. */
  readonly poolConnections: Metric<"pool" | "state", "gauge">;
  /** What the program's readiness probe answers, as a number. */
  readonly ready: Metric<never, "gauge">;
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
    ready: gauge("program_ready", [], "1 while the program is ready"),
    loopFailures: counter("loop_failures_total", ["loop"], "Failed steps of background loops"),
  } satisfies Record<keyof KitMetrics, Metric<string, MetricKind>>;
}

/** What the kit emits about the process itself, through prom-client: the part that alerts and panels use. */
export const processMetrics = {
  cpuSeconds: counter("process_cpu_seconds_total", [], "CPU time of the process"),
  residentBytes: gauge("process_resident_memory_bytes", [], "Memory of the process"),
  startedAt: gauge("process_start_time_seconds", [], "When the process started, as Unix time"),
  openDescriptors: gauge("process_open_fds", [], "Open file descriptors"),
  maxDescriptors: gauge("process_max_fds", [], "Most file descriptors the process may have open"),
  eventLoopLag: gauge("nodejs_eventloop_lag_p99_seconds", [], "99th percentile of the delay of the event loop"),
  heapBytes: gauge("nodejs_heap_size_used_bytes", [], "JavaScript heap in use"),
} as const;
