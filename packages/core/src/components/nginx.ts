import { CaissonError } from "../errors/caisson-error.ts";
import { concat, texts, type Expression } from "../model/expression.ts";
import { containerFacet } from "../model/container-defaults.ts";
import { publicPort, stackPort } from "../model/ports.ts";
import { processFacet } from "../model/process-defaults.ts";
import { baseResource } from "../model/resource-defaults.ts";
import type { Resource } from "../model/resource.ts";
import type { Service } from "../model/service.ts";
import type { Value } from "../model/value.ts";
import { self } from "./self.ts";
import { wgetHealth } from "./server.ts";
import { certificateOf, type TlsOptions } from "./tls.ts";
import { withUrls } from "./with-urls.ts";

/** Where a path prefix leads. */
export interface NginxRoute {
  readonly to: Service;
  /**
   * A request sent twice does what it does once, whatever its method: one whose connection broke (its replica was
   * stopped or killed) is sent to another replica. Otherwise that is done for methods that promise it (GET, PUT, ...).
   */
  readonly idempotent?: boolean;
}

/** Options of an nginx edge. */
export interface NginxOptions {
  /** Path prefix to service; the longest prefix wins. */
  readonly routes: Readonly<Record<`/${string}`, Service | NginxRoute>>;
  /** Default 8080; a target moves it when it is taken, unless `fixedPort`. */
  readonly port?: number;
  readonly fixedPort?: boolean;
  /**
   * HTTPS, default port 8443; what comes over HTTP is sent there (308), unless `plainToo`. Browsers are told to stay with it
   * for a year (HSTS). Default: none.
   */
  readonly tls?: TlsOptions & { readonly plainToo?: boolean };
  /** Largest request body in megabytes. Default 8. */
  readonly maxBodyMegabytes?: number;
  readonly optional?: boolean;
  readonly extra?: {
    /** Lines put into the `server` block after ours. */
    readonly server?: string;
  };
}

/** nginx as the edge: routes by reference, public, without the programs' probes and metrics. */
export type Nginx = Resource & { readonly publicUrl: Value<"http-url"> };

/** nginx in front of services: one server, one upstream for each service. */
export function nginx(name: string, options: NginxOptions): Nginx {
  const { address, path, url } = self(name);
  const args = texts("-p", path("runtime", ""), "-e", "stderr", "-c", path("file", "nginx.conf"));
  const services = [
    ...new Map(Object.values(options.routes).map((each) => [routeOf(each).to.name, routeOf(each).to])).values(),
  ];
  for (const each of services) requireHttp(name, each);
  const tls = options.tls && tlsOf(name, options.tls);
  const node: Resource = {
    ...baseResource("component", "nginx", name),
    optional: options.optional ?? false,
    ports: [
      publicPort("http", options.port ?? 8080, options.fixedPort),
      ...(tls ? [{ ...publicPort("https", tls.port, options.fixedPort), tls: true as const }] : []),
      stackPort("status", 0),
    ],
    after: services.map((each) => ({ resource: each.name, strength: "uses", condition: "healthy" }) as const),
    process: processFacet("nginx", 1, { argv: [path("binary", "nginx"), ...args] }),
    container: containerFacet({
      image: { kind: "catalogue", name: "nginx" },
      // The image's entrypoint rewrites its own configuration, which a read-only root does not allow.
      entrypoint: texts("nginx"),
      command: args,
      user: { uid: 101, gid: 101 },
      ports: { http: 8080, ...(tls && { https: 8443 }), status: 8081 },
      files: { "nginx.conf": { content: configFile(name, options, services, tls, "names") } },
      health: wgetHealth(8081, "/healthz"),
    }),
    files: [
      { name: "nginx.conf", content: configFile(name, options, services, tls, "addresses"), mode: 0o600 },
      ...(tls ? [{ name: "tls.pem", content: tls.pem, mode: 0o600 }] : []),
    ],
    ready: { kind: "http", port: "status", path: "/healthz" },
    live: { kind: "http", port: "status", path: "/healthz" },
    // SIGQUIT finishes open requests; worker_shutdown_timeout bounds it below the grace.
    reload: "SIGHUP",
    stop: { signal: "SIGQUIT", graceMs: 40_000 },
  };
  return withUrls(node, { publicUrl: tls ? concat("https://", address("https")) : url("http") });
}

function routeOf(route: Service | NginxRoute): NginxRoute {
  return "to" in route ? route : { to: route };
}

function upstreamServer({ name }: Service, more: string): (string | Expression)[] {
  return ["    server ", self(name).address("http"), ` max_fails=0${more};\n`];
}

function requireHttp(name: string, service: Service): void {
  if (service.outputs["url"]) return;
  throw new CaissonError(
    "E_VALUE",
    `${name}/routes: expected a service with an HTTP port, got ${service.name}, whose contract declares none`,
  );
}

function configFile(
  name: string,
  options: NginxOptions,
  services: readonly Service[],
  tls: Tls | undefined,
  upstream: "addresses" | "names",
): Expression {
  const { at, bind, path } = self(name);
  // In containers a service has a name before it has an address, and another address after each start: the engine's own
  // name server is asked again each second. A name that is not there yet is no fault of the configuration then.
  const [resolver, zone, resolve] =
    upstream === "names"
      ? ["  resolver 127.0.0.11 valid=1s ipv6=off;\n", "    zone upstreams 256k;\n", " resolve"]
      : ["", "", ""];
  // Replicas share one address. It is named twice because nginx tries each server once: a request whose connection broke
  // connects anew, which reaches a replica that listens. max_fails=0: an address is never given up on for that.
  const upstreams = services.flatMap((each): (string | Expression)[] => [
    `  upstream ${each.name} {\n${zone}`,
    ...upstreamServer(each, resolve),
    ...upstreamServer(each, resolve),
    "    keepalive 32;\n  }\n",
  ]);
  const locations = Object.entries(options.routes).map(([prefix, each]) => {
    const { to, idempotent } = routeOf(each);
    const again = idempotent === true ? " proxy_next_upstream error timeout non_idempotent;" : "";
    return `    location ${prefix} { proxy_pass http://${to.name};${again} }\n`;
  });
  const listening = (port: string, ...more: readonly (string | Expression)[]): (string | Expression)[] => [
    "  server {\n    listen ",
    bind(port),
    ...more,
    "  }\n",
  ];
  const routes = [...locations, options.extra?.server ? `    ${options.extra.server}\n` : ""];
  // Where a browser finds HTTPS: as a process where nginx listens, in a container where the host does.
  const httpsPort = tls && (upstream === "names" ? String(tls.port) : at("https", "port"));
  return concat(
    "daemon off;\nworker_processes 1;\nworker_shutdown_timeout 30s;\npid nginx.pid;\nerror_log stderr warn;\n",
    "events { worker_connections 1024; }\nhttp {\n  access_log off;\n  server_tokens off;\n",
    "  client_body_temp_path body;\n  proxy_temp_path proxy;\n  fastcgi_temp_path fastcgi;\n  uwsgi_temp_path uwsgi;\n  scgi_temp_path scgi;\n",
    `  client_max_body_size ${options.maxBodyMegabytes ?? 8}m;\n  proxy_http_version 1.1;\n  proxy_set_header Connection "";\n`,
    "  proxy_set_header Host $http_host;\n  proxy_set_header X-Forwarded-For $remote_addr;\n  proxy_set_header X-Forwarded-Proto $scheme;\n",
    resolver,
    ...upstreams,
    ...(tls && httpsPort && !tls.plainToo
      ? listening("http", ";\n    return 308 https://$host:", httpsPort, "$request_uri;\n")
      : listening("http", ";\n", ...routes)),
    ...(tls ? listening("https", ...tlsLines(tls, path("file", "tls.pem")), ...routes) : []),
    ...listening(
      "status",
      ";\n    location = /healthz { return 200; }\n    location = /stub_status { stub_status; }\n",
    ),
    "}\n",
  );
}

/** HTTPS with its defaults. */
interface Tls {
  readonly port: number;
  readonly pem: Expression;
  readonly plainToo: boolean;
  /** Browsers may be told to insist on HTTPS. */
  readonly strict: boolean;
}

function tlsOf(name: string, options: NonNullable<NginxOptions["tls"]>): Tls {
  const { port = 8443, names = [], certificate, plainToo = false } = options;
  // Not for a name that only this machine has: browsers would insist on it for whatever else is served there.
  const strict = certificate !== undefined || names.length > 0;
  return { port, pem: certificateOf(name, options).pem, plainToo, strict };
}

function tlsLines({ strict }: Tls, pem: Expression): (string | Expression)[] {
  return [
    " ssl;\n    ssl_protocols TLSv1.2 TLSv1.3;\n    ssl_certificate ",
    pem,
    ";\n    ssl_certificate_key ",
    pem,
    ";\n",
    strict ? '    add_header Strict-Transport-Security "max-age=31536000" always;\n' : "",
  ];
}
