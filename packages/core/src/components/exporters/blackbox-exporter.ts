import { concat } from "../../model/expression.ts";
import { freeze } from "../../model/freeze.ts";
import type { MetricsFacet } from "../../model/monitoring.ts";
import { stackPort } from "../../model/ports.ts";
import type { Port, Resource } from "../../model/resource.ts";
import { yamlText } from "../config-text.ts";
import { blackboxMetrics, probeAlerts, probePanels } from "../metrics/blackbox-exporter.ts";
import { self } from "../self.ts";
import { server, wgetHealth, type ServerOptions } from "../server.ts";

/** Options of a blackbox exporter. */
export interface BlackboxExporterOptions extends ServerOptions {
  /** Whose ports are looked at: those that speak TLS, and those that are for everybody. */
  readonly of: readonly Resource[];
}

/** Statuses by which an edge answers, whatever is behind `/`: all but errors of the server. */
const answers = [200, 204, 301, 302, 303, 307, 308, 400, 401, 403, 404, 405, 421, 429];

/** Looks at ports as a client would: whether they answer, and when the certificates they show end. */
export function blackboxExporter(name: string, { of, ...options }: BlackboxExporterOptions): Resource {
  const { bind, path } = self(name);
  const modules = {
    http: {
      prober: "http",
      timeout: "5s",
      http: { preferred_ip_protocol: "ip4", follow_redirects: false, valid_status_codes: answers },
    },
    tls: {
      prober: "tcp",
      timeout: "5s",
      // Whether clients trust it is theirs to say; when it ends is asked of one that has ended, too.
      tcp: { preferred_ip_protocol: "ip4", tls: true, tls_config: { insecure_skip_verify: true } },
    },
  };
  const probes = of.flatMap((target) =>
    target.ports.flatMap((port): MetricsFacet[] => {
      const module = moduleOf(port);
      return module === undefined
        ? []
        : [
            {
              port: "metrics",
              path: "/probe",
              list: blackboxMetrics,
              of: target.name,
              through: { module, port: port.name },
              // It writes into its log that nobody came after the handshake.
              ...(port.protocol === "postgres" && { every: "1m" }),
            },
          ];
    }),
  );
  const looked = of.filter(({ name: target }) => probes.some((probe) => probe.of === target));
  return freeze(
    server(name, options, {
      part: "blackbox-exporter",
      line: "0",
      program: "blackbox_exporter",
      args: [concat("--config.file=", path("file", "blackbox.yml")), concat("--web.listen-address=", bind("metrics"))],
      ports: [stackPort("metrics", 0)],
      files: [{ name: "blackbox.yml", mode: 0o644, content: yamlText({ modules }) }],
      after: looked.map((target) => ({ resource: target.name, strength: "observes", condition: "started" })),
      metrics: probes,
      alerts: looked.flatMap((target) => probeAlerts(target.name, { tls: target.ports.some(({ tls }) => tls) })),
      panels: looked.flatMap((target) => probePanels(target.name)),
      probe: { kind: "http", port: "metrics", path: "/-/healthy" },
      container: {
        user: { uid: 65_534, gid: 65_534 },
        ports: { metrics: 9115 },
        health: wgetHealth(9115, "/-/healthy"),
      },
    }),
  );
}

function moduleOf({ tls, protocol, published }: Port): "tls" | "http" | undefined {
  if (tls) return "tls";
  return protocol === "http" && published === "always" ? "http" : undefined;
}
