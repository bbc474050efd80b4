import { concat } from "../../model/expression.ts";
import { freeze } from "../../model/freeze.ts";
import { stackPort } from "../../model/ports.ts";
import type { Resource } from "../../model/resource.ts";
import { nginxAlerts, nginxMetrics, nginxPanels } from "../metrics/nginx-exporter.ts";
import type { Nginx } from "../nginx.ts";
import { mostConnections } from "../nginx/config-file.ts";
import { self } from "../self.ts";
import { server, type ServerOptions } from "../server.ts";

/** Options of an nginx exporter. */
export interface NginxExporterOptions extends ServerOptions {
  readonly of: Nginx;
}

/** An nginx's connections and requests. Status codes and latencies are not among what the open edition tells. */
export function nginxExporter(name: string, options: NginxExporterOptions): Resource {
  const { bind } = self(name);
  const status = self(options.of.name).url("status");
  return freeze(
    server(name, options, {
      part: "nginx-exporter",
      line: "1",
      program: "nginx-prometheus-exporter",
      args: [concat("--web.listen-address=", bind("metrics")), concat("--nginx.scrape-uri=", status, "/stub_status")],
      ports: [stackPort("metrics", 0)],
      metrics: [{ port: "metrics", path: "/metrics", list: nginxMetrics, of: options.of.name }],
      alerts: nginxAlerts(options.of.name, mostConnections),
      panels: nginxPanels(options.of.name),
      probe: { kind: "http", port: "metrics", path: "/metrics" },
      // No health check of the image's own: it has nothing that could run one.
      container: { user: { uid: 1001, gid: 1001 }, ports: { metrics: 9113 } },
    }),
  );
}
