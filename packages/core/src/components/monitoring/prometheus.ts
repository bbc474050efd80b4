import { concat } from "../../model/expression.ts";
import { devPort } from "../../model/ports.ts";
import type { Duration } from "../../model/quantity.ts";
import type { Resource } from "../../model/resource.ts";
import type { Value } from "../../model/value.ts";
import type { AlertSettings } from "../../derive/monitoring/alerts-of.ts";
import { self } from "../self.ts";
import { server, wgetHealth, type ServerOptions } from "../server.ts";
import { withUrls } from "../with-urls.ts";
import { prometheusAlerts, prometheusMetrics } from "../metrics/prometheus.ts";
import type { Alertmanager } from "./alertmanager.ts";

/** Options of a Prometheus. */
export interface PrometheusOptions extends ServerOptions {
  /** Default 9090. */
  readonly port?: number;
  /** How long samples are kept. Default `30d`. */
  readonly retention?: Duration;
  /** Most bytes on disk, as Prometheus writes sizes (`10GB`); the older of both limits wins. Default: none. */
  readonly retentionSize?: `${number}${"MB" | "GB" | "TB"}`;
  /** How often targets are scraped and rules evaluated. Default `15s`. */
  readonly interval?: Duration;
  /** Who gets the alerts. */
  readonly alertmanager?: Alertmanager;
  /** Thresholds and times of alerts, by name or by resource and name; `off`: not wanted. Default: as each alert says. */
  readonly alerts?: AlertSettings;
  /** A store that gets all samples too (`victoria.remoteWriteUrl`). */
  readonly remoteWrite?: Value<"http-url">;
}

/** A Prometheus; `url` is where others ask it. */
export type Prometheus = Resource & { readonly url: Value<"http-url"> };

/** Prometheus: scrapes every resource of the stack that serves metrics and evaluates the stack's rules. */
export function prometheus(name: string, options: PrometheusOptions = {}): Prometheus {
  const { bind, url, path } = self(name);
  const interval = options.interval ?? "15s";
  const { alertmanager } = options;
  return withUrls(
    server(name, options, {
      part: "prometheus",
      line: "3",
      program: "prometheus",
      args: [
        concat("--config.file=", path("file", "prometheus.yml")),
        concat("--storage.tsdb.path=", path("volume", "data")),
        `--storage.tsdb.retention.time=${options.retention ?? "30d"}`,
        ...(options.retentionSize === undefined ? [] : [`--storage.tsdb.retention.size=${options.retentionSize}`]),
        concat("--web.listen-address=", bind("http")),
      ],
      ports: [devPort("http", options.port ?? 9090)],
      derives: {
        kind: "prometheus",
        config: {
          global: { scrape_interval: interval, evaluation_interval: interval },
          ...(alertmanager && {
            alerting: {
              alertmanagers: [{ static_configs: [{ targets: [self(alertmanager.name).address("http")] }] }],
            },
          }),
          ...(options.remoteWrite && { remote_write: [{ url: options.remoteWrite }] }),
        },
        alerts: options.alerts ?? {},
      },
      metrics: [{ port: "http", path: "/metrics", list: prometheusMetrics }],
      alerts: prometheusAlerts(name, { delivers: alertmanager !== undefined }),
      answers: { as: "prometheus", port: "http" },
      volumes: [{ name: "data", dataMajor: 3, holds: "history" }],
      probe: { kind: "http", port: "http", path: "/-/ready" },
      container: {
        user: { uid: 65_534, gid: 65_534 },
        mounts: [{ volume: "data", path: "/prometheus", ownedByImage: true }],
        ports: { http: 9090 },
        // promtool could ask too; it takes the better part of a second of CPU each time.
        health: wgetHealth(9090, "/-/ready"),
      },
      // Writes its head to disk.
      stop: { signal: "SIGTERM", graceMs: 60_000 },
    }),
    { url: url("http") },
  );
}
