import { concat } from "../../model/expression.ts";
import { devPort } from "../../model/ports.ts";
import type { Duration } from "../../model/quantity.ts";
import type { Resource } from "../../model/resource.ts";
import type { Value } from "../../model/value.ts";
import { yamlText } from "../config-text.ts";
import { self } from "../self.ts";
import { healthCommand, server, type ServerOptions } from "../server.ts";
import { withUrls } from "../with-urls.ts";
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
  /** A store that gets all samples too (`victoria.remoteWriteUrl`). */
  readonly remoteWrite?: Value<"http-url">;
}

/** A Prometheus; `url` is where others ask it. */
export type Prometheus = Resource & { readonly url: Value<"http-url"> };

/** Prometheus: scrapes every resource of the stack that serves metrics and evaluates the stack's rules. */
export function prometheus(name: string, options: PrometheusOptions = {}): Prometheus {
  const { address, bind, url, path } = self(name);
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
      files: [
        {
          name: "prometheus.yml",
          mode: 0o644,
          content: yamlText({
            global: { scrape_interval: interval, evaluation_interval: interval },
            // A pattern: a file that is named must be there.
            rule_files: ["rules*.yml"],
            ...(alertmanager && {
              alerting: {
                alertmanagers: [{ static_configs: [{ targets: [self(alertmanager.name).address("http")] }] }],
              },
            }),
            ...(options.remoteWrite && { remote_write: [{ url: options.remoteWrite }] }),
            scrape_configs: [{ job_name: name, static_configs: [{ targets: [address("http")] }] }],
          }),
        },
      ],
      volumes: [{ name: "data", dataMajor: 3 }],
      probe: { kind: "http", port: "http", path: "/-/ready" },
      container: {
        user: { uid: 65_534, gid: 65_534 },
        mounts: [{ volume: "data", path: "/prometheus", ownedByImage: true }],
        ports: { http: 9090 },
        // In every variant of the image, the one without a shell too.
        health: healthCommand("promtool", "check", "ready", "--url=http://127.0.0.1:9090"),
      },
      // Writes its head to disk.
      stop: { signal: "SIGTERM", graceMs: 60_000 },
    }),
    { url: url("http") },
  );
}
