import { concat } from "../../model/expression.ts";
import { freeze } from "../../model/freeze.ts";
import { stackPort } from "../../model/ports.ts";
import type { Resource } from "../../model/resource.ts";
import { yamlText } from "../config-text.ts";
import { self } from "../self.ts";
import { server, wgetHealth, type ServerOptions } from "../server.ts";

/** Options of a blackbox exporter. */
export interface BlackboxExporterOptions extends ServerOptions {
  /** `true`: what it looks at is outside the stack. Default `false`. */
  readonly egress?: boolean;
}

/** Looks at addresses as a client would: HTTP answers, and when their certificates end. */
export function blackboxExporter(name: string, options: BlackboxExporterOptions = {}): Resource {
  const { bind, path } = self(name);
  const modules = {
    http: { prober: "http", timeout: "5s", http: { preferred_ip_protocol: "ip4" } },
    tls: { prober: "tcp", timeout: "5s", tcp: { tls: true, preferred_ip_protocol: "ip4" } },
  };
  return freeze(
    server(name, options, {
      part: "blackbox-exporter",
      line: "0",
      program: "blackbox_exporter",
      args: [concat("--config.file=", path("file", "blackbox.yml")), concat("--web.listen-address=", bind("metrics"))],
      ports: [stackPort("metrics", 0)],
      egress: options.egress ?? false,
      files: [{ name: "blackbox.yml", mode: 0o644, content: yamlText({ modules }) }],
      probe: { kind: "http", port: "metrics", path: "/-/healthy" },
      container: {
        user: { uid: 65_534, gid: 65_534 },
        ports: { metrics: 9115 },
        health: wgetHealth(9115, "/-/healthy"),
      },
    }),
  );
}
