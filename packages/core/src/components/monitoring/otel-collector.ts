import { concat, literal } from "../../model/expression.ts";
import { devPort, stackPort } from "../../model/ports.ts";
import { toBytes } from "../../model/quantity.ts";
import type { Resource } from "../../model/resource.ts";
import type { Value } from "../../model/value.ts";
import { yamlText, type Config } from "../config-text.ts";
import { collectorAlerts, collectorMetrics } from "../metrics/otel-collector.ts";
import { ownMetrics } from "../metrics/own-metrics.ts";
import { self } from "../self.ts";
import { server, type ServerOptions } from "../server.ts";
import { withUrls } from "../with-urls.ts";
import { collectorConfig } from "./collector-config.ts";

/** Options of an OpenTelemetry Collector. */
export interface OtelCollectorOptions extends ServerOptions {
  /** OTLP over HTTP. Default 4318. */
  readonly otlpPort?: number;
  /** OTLP over gRPC. Default 4317. */
  readonly otlpGrpcPort?: number;
  /** Where spans go (`jaeger.otlpUrl`). */
  readonly traces?: Value<"http-url">;
  /** Where logs go, by OTLP over HTTP. */
  readonly logs?: Value<"http-url">;
  /** `true`: metrics that come in are served to Prometheus. Default `false`. */
  readonly metrics?: boolean;
}

/** A collector; programs send to `otlpUrl`. */
export type OtelCollector = Resource & { readonly otlpUrl: Value<"http-url"> };

/** OpenTelemetry Collector: takes OTLP in, bounds its memory, batches, retries, hands on. */
export function otelCollector(name: string, options: OtelCollectorOptions = {}): OtelCollector {
  const { url, path } = self(name);
  const memory = toBytes(options.limits?.memory ?? "512MB");
  const metrics = options.metrics === true ? [stackPort("served", 0)] : [];
  return withUrls(
    server(
      name,
      { ...options, limits: { memory: "512MB", ...options.limits } },
      {
        part: "otel-collector",
        line: "0",
        program: "otelcol-contrib",
        args: [concat("--config=", path("file", "collector.yml"))],
        ports: [
          devPort("otlp", options.otlpPort ?? 4318),
          devPort("otlp-grpc", options.otlpGrpcPort ?? 4317, "tcp"),
          stackPort("status", 0),
          stackPort("metrics", 0),
          ...metrics,
        ],
        files: [{ name: "collector.yml", mode: 0o644, content: yamlText(configOf(name, options)) }],
        alerts: collectorAlerts(name),
        metrics: [
          { port: "metrics", path: "/metrics", list: collectorMetrics },
          // What programs sent it, for whoever scrapes.
          ...metrics.map(({ name: port }) => ownMetrics(port, "otelcol")),
        ],
        probe: { kind: "http", port: "status", path: "/" },
        process: { env: { GOMEMLIMIT: literal(String(Math.floor(memory * 0.8))) } },
        // No health check of the image's own: it has nothing that could run one.
        container: {
          user: { uid: 10_001, gid: 10_001 },
          env: { GOMEMLIMIT: literal(String(Math.floor(memory * 0.8))) },
          ports: {
            otlp: 4318,
            "otlp-grpc": 4317,
            status: 13_133,
            metrics: 8888,
            ...(metrics.length > 0 && { served: 8889 }),
          },
        },
        // Hands on what it holds.
        stop: { signal: "SIGTERM", graceMs: 30_000 },
        problems:
          pipelines(options).length > 0
            ? []
            : [
                {
                  code: "E_VALUE",
                  path: `${name}`,
                  message: "expected at least one of traces, logs or metrics to hand on, got none",
                },
              ],
      },
    ),
    { otlpUrl: url("otlp") },
  );
}

function pipelines({ traces, logs, metrics }: OtelCollectorOptions): (readonly [signal: string, exporter: string])[] {
  return [
    ...(traces ? [["traces", "otlp_http/traces"] as const] : []),
    ...(logs ? [["logs", "otlp_http/logs"] as const] : []),
    ...(metrics === true ? [["metrics", "prometheus"] as const] : []),
  ];
}

function configOf(name: string, options: OtelCollectorOptions): Config {
  const { listen, receivers, readers } = collectorConfig(name);
  const exporters: Config = {
    ...(options.traces && { "otlp_http/traces": { endpoint: options.traces } }),
    ...(options.logs && { "otlp_http/logs": { endpoint: options.logs } }),
    ...(options.metrics === true && { prometheus: listen("served") }),
  };
  return {
    receivers,
    processors: {
      memory_limiter: { check_interval: "1s", limit_percentage: 80, spike_limit_percentage: 20 },
      batch: null,
    },
    exporters,
    extensions: { health_check: listen("status") },
    service: {
      extensions: ["health_check"],
      pipelines: Object.fromEntries(
        pipelines(options).map(([signal, exporter]) => [
          signal,
          { receivers: ["otlp"], processors: ["memory_limiter", "batch"], exporters: [exporter] },
        ]),
      ),
      telemetry: { metrics: { readers } },
    },
  };
}
