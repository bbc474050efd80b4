import { concat } from "../../model/expression.ts";
import { devPort, stackPort } from "../../model/ports.ts";
import { toMs, type Duration } from "../../model/quantity.ts";
import type { Resource } from "../../model/resource.ts";
import type { Value } from "../../model/value.ts";
import { yamlText, type Config } from "../config-text.ts";
import { ownMetrics } from "../metrics/own-metrics.ts";
import { self } from "../self.ts";
import { server, wgetHealth, type ServerOptions } from "../server.ts";
import { withUrls } from "../with-urls.ts";
import { collectorConfig } from "./collector-config.ts";

/** Options of a Jaeger. */
export interface JaegerOptions extends ServerOptions {
  /** Port of the web page and the query API. Default 16686. */
  readonly port?: number;
  /** OTLP over HTTP, on a port people know where programs outside the stack send too. Default: inside only. */
  readonly otlpPort?: number;
  /** The same for OTLP over gRPC. */
  readonly otlpGrpcPort?: number;
  /** `badger` keeps spans on a volume; `memory` the last 100,000 traces. Default `badger`. */
  readonly storage?: "badger" | "memory";
  /** How long Badger keeps spans. Default `72h`. */
  readonly retention?: Duration;
}

/** A Jaeger; programs send spans to `otlpUrl`, people and Grafana look at `url`. */
export type Jaeger = Resource & { readonly url: Value<"http-url">; readonly otlpUrl: Value<"http-url"> };

/** Jaeger 2 in one process: OTLP in, a page and an API out. */
export function jaeger(name: string, options: JaegerOptions = {}): Jaeger {
  const { url, path } = self(name);
  const keeps = options.storage !== "memory";
  return withUrls(
    server(name, options, {
      part: "jaeger",
      line: "2",
      program: "jaeger",
      args: [concat("--config=", path("file", "jaeger.yml"))],
      ports: [
        devPort("http", options.port ?? 16_686),
        options.otlpPort === undefined ? stackPort("otlp", 0) : devPort("otlp", options.otlpPort),
        options.otlpGrpcPort === undefined
          ? stackPort("otlp-grpc", 0, "tcp")
          : devPort("otlp-grpc", options.otlpGrpcPort, "tcp"),
        stackPort("status", 0),
        stackPort("metrics", 0),
      ],
      files: [{ name: "jaeger.yml", mode: 0o644, content: yamlText(configOf(name, options)) }],
      answers: { as: "jaeger", port: "http" },
      volumes: keeps ? [{ name: "data", dataMajor: 2, holds: "history" }] : [],
      metrics: [ownMetrics("metrics", "jaeger")],
      probe: { kind: "http", port: "status", path: "/status" },
      container: {
        user: { uid: 10_001, gid: 10_001 },
        mounts: keeps ? [{ volume: "data", path: "/badger", ownedByImage: false }] : [],
        ports: { http: 16_686, otlp: 4318, "otlp-grpc": 4317, status: 13_133, metrics: 8888 },
        health: wgetHealth(13_133, "/status"),
      },
      stop: { signal: "SIGTERM", graceMs: 30_000 },
    }),
    { url: url("http"), otlpUrl: url("otlp") },
  );
}

function configOf(name: string, { storage, retention = "72h" }: JaegerOptions): Config {
  const { listen, receivers, readers } = collectorConfig(name);
  const data = self(name).path("volume", "data");
  const backend: Config =
    storage === "memory"
      ? { memory: { max_traces: 100_000 } }
      : {
          badger: {
            directories: { keys: concat(data, "/keys"), values: concat(data, "/values") },
            ephemeral: false,
            ttl: { spans: `${toMs(retention) / 3_600_000}h` },
          },
        };
  return {
    service: {
      extensions: ["jaeger_storage", "jaeger_query", "healthcheckv2"],
      pipelines: { traces: { receivers: ["otlp"], processors: ["batch"], exporters: ["jaeger_storage_exporter"] } },
      telemetry: {
        resource: { "service.name": name },
        metrics: { level: "basic", readers },
        logs: { level: "info" },
      },
    },
    extensions: {
      healthcheckv2: { use_v2: true, http: listen("status") },
      jaeger_query: { storage: { traces: "spans" }, http: listen("http") },
      jaeger_storage: { backends: { spans: backend } },
    },
    receivers,
    processors: { batch: null },
    exporters: { jaeger_storage_exporter: { trace_storage: "spans" } },
  };
}
