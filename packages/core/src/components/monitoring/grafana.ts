import { concat, literal } from "../../model/expression.ts";
import { devPort } from "../../model/ports.ts";
import type { Resource } from "../../model/resource.ts";
import { secret } from "../../model/secret.ts";
import type { Value } from "../../model/value.ts";
import { ownMetrics } from "../metrics/own-metrics.ts";
import { self } from "../self.ts";
import { server, wgetHealth, type ServerOptions } from "../server.ts";
import { withUrls } from "../with-urls.ts";

/** Options of a Grafana. */
export interface GrafanaOptions extends ServerOptions {
  /** Default 3000. */
  readonly port?: number;
  /** Name of the administrator; the password is generated. Default `admin`. */
  readonly user?: string;
  /** Where browsers find it, if not at its own address: an edge's route. */
  readonly publicUrl?: Value<"http-url">;
}

/** A Grafana; `url` inside the stack, `publicUrl` for browsers. */
export type Grafana = Resource & { readonly url: Value<"http-url">; readonly publicUrl: Value<"http-url"> };

/** What it is provisioned from, in its container: it runs nowhere else. */
const folder = "/etc/caisson/grafana";

/** Grafana, provisioned from files alone; the administrator's password is generated, nobody signs up, nothing phones home. */
export function grafana(name: string, options: GrafanaOptions = {}): Grafana {
  const { url, path } = self(name);
  const user = options.user ?? "admin";
  const password = secret(`${name}-admin`);
  return withUrls(
    server(name, options, {
      part: "grafana",
      line: "13",
      program: "grafana",
      args: ["server", concat("--config=", path("file", "grafana.ini"))],
      ports: [devPort("http", options.port ?? 3000)],
      files: [
        { name: "admin-password", content: password, mode: 0o600 },
        { name: "grafana.ini", mode: 0o644, content: settings(name, user, options.publicUrl) },
      ],
      derives: { kind: "grafana", dashboards: `${folder}/dashboards` },
      volumes: [{ name: "data", dataMajor: 13, holds: "history" }],
      metrics: [ownMetrics("http", "grafana")],
      probe: { kind: "http", port: "http", path: "/api/health" },
      container: {
        // The image's start script takes its own flags; it finds the configuration by this variable.
        command: [],
        env: { GF_PATHS_CONFIG: path("file", "grafana.ini"), GF_LOG_MODE: literal("console") },
        user: { uid: 472, gid: 0 },
        tmpfs: [{ path: "/var/log/grafana" }],
        mounts: [{ volume: "data", path: "/var/lib/grafana", ownedByImage: true }],
        files: {
          "datasources.yml": { path: `${folder}/provisioning/datasources/stack.yml` },
          "dashboards.yml": { path: `${folder}/provisioning/dashboards/stack.yml` },
          "dashboard.json": { path: `${folder}/dashboards/stack.json` },
        },
        ports: { http: 3000 },
        health: wgetHealth(3000, "/api/health"),
      },
      stop: { signal: "SIGTERM", graceMs: 30_000 },
      logins: [{ user, secret: password.name }],
    }),
    { url: url("http"), publicUrl: options.publicUrl ?? url("http") },
  );
}

function settings(name: string, user: string, publicUrl: GrafanaOptions["publicUrl"]): ReturnType<typeof concat> {
  const { at, path } = self(name);
  return concat(
    "[paths]\ndata = ",
    path("volume", "data"),
    `\nprovisioning = ${folder}/provisioning`,
    "\n[server]\nhttp_addr = ",
    at("http", "bind"),
    "\nhttp_port = ",
    at("http", "port"),
    ...(publicUrl ? ["\nroot_url = ", publicUrl, "/\nserve_from_sub_path = true"] : []),
    `\n[security]\nadmin_user = ${user}\nadmin_password = $__file{`,
    path("file", "admin-password"),
    "}\ncookie_samesite = strict\ndisable_gravatar = true\n",
    "[users]\nallow_sign_up = false\n[auth.anonymous]\nenabled = false\n",
    "[analytics]\nreporting_enabled = false\ncheck_for_updates = false\ncheck_for_plugin_updates = false\n",
    "[metrics]\nenabled = true\n[log]\nmode = console\n",
  );
}
