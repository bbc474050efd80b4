import { concat, texts } from "../../model/expression.ts";
import { freeze } from "../../model/freeze.ts";
import { stackPort } from "../../model/ports.ts";
import type { Resource } from "../../model/resource.ts";
import { hostAlerts, nodeMetrics } from "../metrics/node-exporter.ts";
import { self } from "../self.ts";
import { server, wgetHealth, type ServerOptions } from "../server.ts";

const inside = texts("--path.rootfs=/host", "--path.procfs=/host/proc", "--path.sysfs=/host/sys");

/** The host's CPU, memory, disks and network, as Prometheus reads them. */
export function nodeExporter(name: string, options: ServerOptions = {}): Resource {
  const { bind } = self(name);
  const listen = concat("--web.listen-address=", bind("metrics"));
  return freeze(
    server(name, options, {
      part: "node-exporter",
      line: "1",
      program: "node_exporter",
      args: [listen],
      ports: [stackPort("metrics", 0)],
      metrics: [{ port: "metrics", path: "/metrics", list: nodeMetrics }],
      alerts: hostAlerts(name),
      probe: { kind: "http", port: "metrics", path: "/metrics" },
      container: {
        command: [listen, ...inside],
        user: { uid: 65_534, gid: 65_534 },
        hostPaths: [{ host: "/", path: "/host" }],
        ports: { metrics: 9100 },
        health: wgetHealth(9100, "/metrics"),
      },
    }),
  );
}
