import { resourcesOf, type AmountOptions } from "../model/amounts.ts";
import { concat, texts, type Expression } from "../model/expression.ts";
import { containerFacet } from "../model/container-defaults.ts";
import { publicPort, stackPort } from "../model/ports.ts";
import { processFacet } from "../model/process-defaults.ts";
import { baseResource } from "../model/resource-defaults.ts";
import type { Port, Resource } from "../model/resource.ts";
import type { Value } from "../model/value.ts";
import { edgeUsers } from "./edge/users.ts";
import { configFile, type NginxTls } from "./nginx/config-file.ts";
import { placed, routeProblems, targetsOf, type NginxRoutes, type PlacedRoute } from "./nginx/routes.ts";
import { self } from "./self.ts";
import { healthCommand } from "./server.ts";
import { certificateOf, type TlsOptions } from "./tls.ts";
import { withUrls } from "./with-urls.ts";

/** Options of an nginx edge. */
export interface NginxOptions extends AmountOptions {
  /** By path prefix (`/api/`) or host and path prefix (`grafana.example.org/`); the longest prefix of a host wins. */
  readonly routes: NginxRoutes;
  /** Who may log in where a route asks for it: a password is generated for each. */
  readonly users?: readonly string[];
  /** Default 8080; a target moves it when it is taken, unless `fixedPort`. */
  readonly port?: number;
  readonly fixedPort?: boolean;
  /**
   * `false`: reached within the stack alone, behind another edge, whose word it takes for who a client is (`X-Forwarded-For`) and
   * whether it came over HTTPS (`X-Forwarded-Proto`). Default `true`.
   */
  readonly public?: boolean;
  /**
   * HTTPS, default port 8443; what comes over HTTP is sent there (308), unless `plainToo`; where a login is asked for, always. Browsers are told to stay with it
   * for a year (HSTS). The hosts of the routes are names of its certificate. Default: none.
   */
  readonly tls?: TlsOptions & { readonly plainToo?: boolean };
  /** Largest request body in megabytes. Default 8. */
  readonly maxBodyMegabytes?: number;
  readonly optional?: boolean;
  readonly extra?: {
    /** Lines put into each `server` block with routes after ours. */
    readonly server?: string;
  };
}

/** nginx as the edge: routes by reference, public, without the programs' probes and metrics. */
export type Nginx = Resource & { readonly url: Value<"http-url">; readonly publicUrl: Value<"http-url"> };

/** nginx in front of services: a server for each host, an upstream for each service. It may be a member of a pod. */
export function nginx(name: string, options: NginxOptions): Nginx {
  const { address, path, url } = self(name);
  const args = texts("-p", path("runtime", ""), "-e", "stderr", "-c", path("file", "nginx.conf"));
  const routes = placed(options.routes);
  const targets = targetsOf(name, routes);
  const tls = options.tls && tlsOf(name, options.tls, routes);
  const asking = routes.filter(({ login }) => login === true).map(({ host, path: place }) => host + place);
  const users = edgeUsers(name, options.users ?? [], asking);
  const kept = [...new Set(routes.flatMap(({ to, sticky }) => (sticky === true ? [to.name] : [])))];
  const file = (upstream: "addresses" | "names"): Expression =>
    configFile({
      name,
      routes,
      targets,
      tls,
      upstream,
      maxBodyMegabytes: options.maxBodyMegabytes ?? 8,
      behind: options.public === false,
      extra: options.extra?.server,
    });
  const listener = (port: string, number: number): Port => ({
    ...publicPort(port, number, options.fixedPort),
    ...(options.public === false && { published: "never" }),
  });
  const node: Resource = {
    ...baseResource("component", "nginx", name),
    optional: options.optional ?? false,
    ports: [
      listener("http", options.port ?? 8080),
      ...(tls ? [{ ...listener("https", tls.port), tls: true as const }] : []),
      stackPort("status", 0),
    ],
    after: targets.map((each) => ({ resource: each.name, strength: "uses", condition: "healthy" }) as const),
    process: processFacet("nginx", 1, { argv: [path("binary", "nginx"), ...args] }),
    container: containerFacet({
      image: { kind: "catalogue", name: "nginx" },
      // The image's entrypoint rewrites its own configuration, which a read-only root does not allow.
      entrypoint: texts("nginx"),
      command: args,
      user: { uid: 101, gid: 101 },
      ports: { http: 8080, ...(tls && { https: 8443 }), status: 8081 },
      files: { "nginx.conf": { content: file("names") } },
      health: healthCommand("curl", "-fsS", "-o", "/dev/null", "http://127.0.0.1:8081/healthz"),
    }),
    inPod: { program: "/usr/sbin/nginx", check: ["-v"] },
    files: [
      { name: "nginx.conf", content: file("addresses"), mode: 0o600 },
      ...(tls ? [{ name: "tls.pem", content: tls.pem, mode: 0o600 }] : []),
      ...users.files,
    ],
    ...(kept.length > 0 && { tellsApart: kept }),
    ready: { kind: "http", port: "status", path: "/healthz" },
    live: { kind: "http", port: "status", path: "/healthz" },
    // SIGQUIT finishes open requests; worker_shutdown_timeout bounds it below the grace.
    reload: "SIGHUP",
    stop: { signal: "SIGQUIT", graceMs: 40_000 },
    resources: resourcesOf(options),
    logins: users.logins,
    problems: [...routeProblems(name, routes), ...users.problems],
  };
  return withUrls(node, { url: url("http"), publicUrl: tls ? concat("https://", address("https")) : url("http") });
}

function tlsOf(name: string, options: NonNullable<NginxOptions["tls"]>, routes: readonly PlacedRoute[]): NginxTls {
  const { port = 8443, certificate, plainToo = false } = options;
  const hosts = routes.map(({ host }) => host).filter((host) => host !== "");
  const names = [...new Set([...(options.names ?? []), ...hosts])];
  // Not for a name that only this machine has: browsers would insist on it for whatever else is served there.
  const strict = certificate !== undefined || names.length > 0;
  return { port, pem: certificateOf(name, { ...options, names }).pem, plainToo, strict };
}
