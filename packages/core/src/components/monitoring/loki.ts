import { concat } from "../../model/expression.ts";
import { devPort, stackPort } from "../../model/ports.ts";
import { toMs, type Duration } from "../../model/quantity.ts";
import type { Resource } from "../../model/resource.ts";
import type { Value } from "../../model/value.ts";
import { bare, yamlText, type Config } from "../config-text.ts";
import { lokiAlerts, lokiMetrics } from "../metrics/loki.ts";
import { self } from "../self.ts";
import { healthCommand, server, type ServerOptions } from "../server.ts";
import { withUrls } from "../with-urls.ts";

/** Options of a Loki. */
export interface LokiOptions extends ServerOptions {
  /** Default 3100. */
  readonly port?: number;
  /** How long logs are kept, in whole days. Default `30d`. */
  readonly retention?: Duration;
}

/** A Loki; `url` is its address, `pushUrl` where logs go in. */
export type Loki = Resource & { readonly url: Value<"http-url">; readonly pushUrl: Value<"http-url"> };

const day = 86_400_000;

/** Loki in one process with its chunks on its volume. It has no login: only the stack's own networks reach it. */
export function loki(name: string, options: LokiOptions = {}): Loki {
  const { url, path } = self(name);
  const retention = options.retention ?? "30d";
  const whole = toMs(retention) >= day && toMs(retention) % day === 0;
  return withUrls(
    server(name, options, {
      part: "loki",
      line: "3",
      program: "loki",
      args: [concat("-config.file=", path("file", "loki.yml"))],
      ports: [devPort("http", options.port ?? 3100), stackPort("grpc", 0, "tcp")],
      files: [{ name: "loki.yml", mode: 0o644, content: yamlText(configOf(name, retention)) }],
      answers: { as: "loki", port: "http" },
      volumes: [{ name: "data", dataMajor: 3, holds: "history" }],
      metrics: [{ port: "http", path: "/metrics", list: lokiMetrics }],
      alerts: lokiAlerts(name),
      probe: { kind: "http", port: "http", path: "/ready" },
      container: {
        user: { uid: 10_001, gid: 10_001 },
        mounts: [{ volume: "data", path: "/loki", ownedByImage: true }],
        ports: { http: 3100, grpc: 9095 },
        // The image has neither a shell nor wget; the program asks itself.
        health: healthCommand("/usr/bin/loki", "-health"),
      },
      // What it has not written yet is flushed.
      stop: { signal: "SIGTERM", graceMs: 60_000 },
      problems: whole
        ? []
        : [
            {
              code: "E_VALUE",
              path: `${name}/retention`,
              message: `expected whole days ("30d"), for the index has one file a day, got ${JSON.stringify(retention)}`,
            },
          ],
    }),
    { url: url("http"), pushUrl: concat(url("http"), "/loki/api/v1/push") },
  );
}

/** One target, tsdb, schema 13: what the next major version still reads. */
function configOf(name: string, retention: Duration): Config {
  const { at, path } = self(name);
  const data = path("volume", "data");
  return {
    target: "all",
    auth_enabled: false,
    analytics: { reporting_enabled: false },
    server: {
      http_listen_address: at("http", "bind"),
      http_listen_port: bare(at("http", "port")),
      grpc_listen_address: at("grpc", "bind"),
      grpc_listen_port: bare(at("grpc", "port")),
      log_level: "warn",
    },
    common: {
      path_prefix: data,
      replication_factor: 1,
      instance_addr: "127.0.0.1",
      ring: { kvstore: { store: "inmemory" } },
      storage: { filesystem: { chunks_directory: concat(data, "/chunks"), rules_directory: concat(data, "/rules") } },
    },
    schema_config: {
      configs: [
        {
          from: "2024-01-01",
          store: "tsdb",
          object_store: "filesystem",
          schema: "v13",
          index: { prefix: "index_", period: "24h" },
        },
      ],
    },
    // The default after 3.7 is other clients, which take their folder from elsewhere: without one from the root of the file system.
    storage_config: { use_thanos_objstore: false },
    compactor: {
      working_directory: concat(data, "/compactor"),
      retention_enabled: true,
      delete_request_store: "filesystem",
    },
    limits_config: {
      retention_period: `${toMs(retention) / 3_600_000}h`,
      allow_structured_metadata: true,
      // A line over 256 KiB is kept to there; else it is refused, and Alloy, which sends up to 1 MiB, drops it.
      max_line_size_truncate: true,
    },
  };
}
