import { concat } from "../../model/expression.ts";
import { devPort } from "../../model/ports.ts";
import { toMs, type Duration } from "../../model/quantity.ts";
import type { Resource } from "../../model/resource.ts";
import type { Value } from "../../model/value.ts";
import { victoriaMetricsAlerts, victoriaMetricsMetrics } from "../metrics/victoriametrics.ts";
import { self } from "../self.ts";
import { server, wgetHealth, type ServerOptions } from "../server.ts";
import { withUrls } from "../with-urls.ts";

/** Options of a VictoriaMetrics, single node. */
export interface VictoriaMetricsOptions extends ServerOptions {
  /** Default 8428. */
  readonly port?: number;
  /** How long samples are kept, in whole days. Default `30d`. */
  readonly retention?: Duration;
  /** Most inserts at once. Default: by the CPUs it sees. */
  readonly concurrentInserts?: number;
}

/** A VictoriaMetrics; a Prometheus writes to `remoteWriteUrl`, Grafana asks `url`. */
export type VictoriaMetrics = Resource & {
  readonly url: Value<"http-url">;
  readonly remoteWriteUrl: Value<"http-url">;
};

/** VictoriaMetrics: keeps what a Prometheus writes to it, and answers PromQL. */
export function victoriaMetrics(name: string, options: VictoriaMetricsOptions = {}): VictoriaMetrics {
  const { bind, url, path } = self(name);
  const days = toMs(options.retention ?? "30d") / 86_400_000;
  return withUrls(
    server(name, options, {
      part: "victoriametrics",
      line: "1",
      program: "victoria-metrics",
      args: [
        concat("-storageDataPath=", path("volume", "data")),
        // A number alone would be months.
        `-retentionPeriod=${days}d`,
        concat("-httpListenAddr=", bind("http")),
        ...(options.concurrentInserts === undefined ? [] : [`-maxConcurrentInserts=${options.concurrentInserts}`]),
      ],
      ports: [devPort("http", options.port ?? 8428)],
      volumes: [{ name: "data", dataMajor: 1, holds: "history" }],
      metrics: [{ port: "http", path: "/metrics", list: victoriaMetricsMetrics }],
      alerts: victoriaMetricsAlerts(name),
      answers: { as: "victoriametrics", port: "http" },
      probe: { kind: "http", port: "http", path: "/health" },
      container: {
        // The image names no user; the volume is given to this one.
        user: { uid: 1000, gid: 1000 },
        mounts: [{ volume: "data", path: "/storage", ownedByImage: false }],
        ports: { http: 8428 },
        health: wgetHealth(8428, "/health"),
      },
      stop: { signal: "SIGINT", graceMs: 60_000 },
      problems:
        Number.isInteger(days) && days >= 1
          ? []
          : [
              {
                code: "E_VALUE",
                path: `${name}/retention`,
                message: `expected whole days ("30d"), got ${JSON.stringify(options.retention)}`,
              },
            ],
    }),
    { url: url("http"), remoteWriteUrl: concat(url("http"), "/api/v1/write") },
  );
}
