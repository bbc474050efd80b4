import type { Problem } from "../errors/problem.ts";
import { concat } from "../model/expression.ts";
import { publicPort, stackPort } from "../model/ports.ts";
import type { Resource } from "../model/resource.ts";
import type { Value } from "../model/value.ts";
import { yamlText, type Config } from "./config-text.ts";
import { traefikAlerts, traefikMetrics, traefikPanels } from "./metrics/traefik.ts";
import { immutable, isHost, leads, type EdgeRoute } from "./edge/route.ts";
import { edgeUsers } from "./edge/users.ts";
import { self } from "./self.ts";
import { healthCommand, server, type ServerOptions } from "./server.ts";
import { withUrls } from "./with-urls.ts";

/** One way in: a host, a path, or both. */
export interface TraefikRoute extends EdgeRoute {
  /** Host name (`api.example.org`). Default: any. */
  readonly host?: string;
  /** Path prefix. Default `/`. */
  readonly path?: `/${string}`;
  /**
   * An address, or a part of the stack with one, such as a service: a route to what is planned is left out until that is there.
   * `dashboard`: Traefik's own, of routes, certificates and load; only with `login`.
   */
  readonly to: Value<"http-url"> | (Resource & { readonly url: Value<"http-url"> }) | "dashboard";
}

/** Options of a Traefik. */
export interface TraefikOptions extends ServerOptions {
  /** Routes by name. */
  readonly routes: Readonly<Record<string, TraefikRoute>>;
  /** Who may log in where a route asks for it: a password is generated for each. */
  readonly users?: readonly string[];
  /** Default 80. */
  readonly httpPort?: number;
  /** Default 443; only with `acme`. */
  readonly httpsPort?: number;
  /**
   * HTTPS with certificates from an ACME authority, which asks over HTTP; what else comes over HTTP is sent to HTTPS (308, GET
   * 301), unless `plainToo`; a route with a login is there over HTTPS alone. Default: no TLS.
   */
  readonly acme?: { readonly email: string; readonly plainToo?: boolean };
}

/** A Traefik; `publicUrl` is what people and browsers use. */
export type Traefik = Resource & { readonly publicUrl: Value<"http-url"> };

/** Traefik as the edge: routes by reference from a file, no engine's socket, nothing public that no route names. */
export function traefik(name: string, given: TraefikOptions): Traefik {
  const options = { ...given, routes: placed(given.routes) };
  const { address, url, path } = self(name);
  const tls = options.acme !== undefined;
  const asking = Object.entries(options.routes).flatMap(([route, { login }]) => (login === true ? [route] : []));
  const users = edgeUsers(name, options.users ?? [], asking);
  return withUrls(
    server(name, options, {
      part: "traefik",
      line: "3",
      program: "traefik",
      args: [concat("--configfile=", path("file", "traefik.yml"))],
      ports: [
        publicPort("http", options.httpPort ?? 80),
        ...(tls ? [publicPort("https", options.httpsPort ?? 443)] : []),
        stackPort("status", 0),
      ],
      files: [
        { name: "traefik.yml", mode: 0o644, content: yamlText(staticConfig(name, options)) },
        { name: "routes.yml", mode: 0o644, content: yamlText(dynamicConfig(name, options)) },
        ...users.files,
      ],
      volumes: tls ? [{ name: "certificates", dataMajor: 3, holds: "cache" }] : [],
      metrics: [{ port: "status", path: "/metrics", list: traefikMetrics }],
      alerts: traefikAlerts(name, { tls }),
      panels: traefikPanels(name),
      probe: { kind: "http", port: "status", path: "/ping" },
      // ACME's authority is outside.
      egress: tls,
      container: {
        user: { uid: 65_532, gid: 65_532 },
        mounts: tls ? [{ volume: "certificates", path: "/certificates", ownedByImage: false }] : [],
        ports: { http: 8000, https: 8443, status: 8080 },
        health: healthCommand("traefik", "healthcheck", concat("--configfile=", path("file", "traefik.yml"))),
      },
      // Its own grace is ten seconds.
      stop: { signal: "SIGTERM", graceMs: 30_000 },
      logins: users.logins,
      problems: [...routeProblems(name, options), ...users.problems],
    }),
    { publicUrl: tls ? concat("https://", address("https")) : url("http") },
  );
}

/** Options with routes that lead somewhere, each to its address. */
interface PlacedOptions extends TraefikOptions {
  readonly routes: Readonly<Record<string, TraefikRoute & { readonly to: Value<"http-url"> | "dashboard" }>>;
}

function placed(routes: TraefikOptions["routes"]): PlacedOptions["routes"] {
  const open = Object.entries(routes).filter(([, { to }]) => to === "dashboard" || leads(to));
  return Object.fromEntries(
    open.map(([route, { to, ...how }]) => [route, { ...how, to: to !== "dashboard" && "url" in to ? to.url : to }]),
  );
}

function staticConfig(name: string, { acme, httpsPort = 443, routes }: PlacedOptions): Config {
  const { bind, path } = self(name);
  const redirect: Config = { redirections: { entryPoint: { to: `:${httpsPort}`, scheme: "https", permanent: true } } };
  return {
    global: { checkNewVersion: false, sendAnonymousUsage: false },
    entryPoints: {
      web: { address: bind("http"), ...(acme && acme.plainToo !== true && { http: redirect }) },
      ...(acme && {
        websecure: { address: bind("https"), http: { tls: { certResolver: "acme" } } },
      }),
      status: { address: bind("status") },
    },
    providers: { file: { filename: path("file", "routes.yml"), watch: false } },
    ping: { entryPoint: "status" },
    ...(Object.values(routes).some(({ to }) => to === "dashboard") && { api: { dashboard: true } }),
    metrics: {
      prometheus: {
        entryPoint: "status",
        addRoutersLabels: true,
        buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      },
    },
    log: { level: "WARN" },
    accessLog: { format: "json" },
    ...(acme && {
      certificatesResolvers: {
        acme: {
          acme: {
            email: acme.email,
            storage: concat(path("volume", "certificates"), "/acme.json"),
            httpChallenge: { entryPoint: "web" },
          },
        },
      },
    }),
  };
}

const headers: Config = {
  contentTypeNosniff: true,
  frameDeny: true,
  referrerPolicy: "strict-origin-when-cross-origin",
  stsSeconds: 63_072_000,
  stsIncludeSubdomains: true,
};

const caches = { immutable, "no-store": "no-store" } as const;

function dynamicConfig(name: string, { routes, acme }: PlacedOptions): Config {
  const entries = Object.entries(routes);
  const limited = entries.flatMap(([route, { rateLimit }]) =>
    rateLimit === undefined ? [] : [[route, rateLimit] as const],
  );
  return {
    http: {
      routers: Object.fromEntries(
        entries.map(([route, { to, host, path = "/", rateLimit, login, cache }]) => [
          route,
          {
            rule: [...(host === undefined ? [] : [`Host(\`${host}\`)`]), `PathPrefix(\`${path}\`)`].join(" && "),
            // Where there is HTTPS, nobody's password comes without it.
            entryPoints: [
              ...(acme ? ["websecure"] : []),
              ...(acme && (acme.plainToo !== true || login === true) ? [] : ["web"]),
            ],
            middlewares: [
              "security",
              "compress",
              ...(rateLimit === undefined ? [] : [`limit-${route}`]),
              ...(login === true ? ["login"] : []),
              ...(cache === undefined ? [] : [cache]),
            ],
            service: to === "dashboard" ? "api@internal" : route,
          },
        ]),
      ),
      middlewares: {
        security: { headers },
        compress: { compress: {} },
        ...(entries.some(([, { login }]) => login === true) && {
          login: { basicAuth: { usersFile: self(name).path("file", "users"), removeHeader: true } },
        }),
        ...Object.fromEntries(
          entries.flatMap(([, { cache }]) =>
            cache === undefined
              ? []
              : [[cache, { headers: { customResponseHeaders: { "Cache-Control": caches[cache] } } }]],
          ),
        ),
        ...Object.fromEntries(
          limited.map(([route, average]) => [`limit-${route}`, { rateLimit: { average, burst: average * 2 } }]),
        ),
      },
      services: Object.fromEntries(
        entries.flatMap(([route, { to }]) =>
          to === "dashboard" ? [] : [[route, { loadBalancer: { servers: [{ url: to }] } }]],
        ),
      ),
    },
    tls: { options: { default: { minVersion: "VersionTLS12" } } },
  };
}

function routeProblems(name: string, { routes, acme }: PlacedOptions): Problem[] {
  return Object.entries(routes).flatMap(([route, { to, login, host, rateLimit }]): Problem[] => {
    const problem = (message: string): Problem => ({ code: "E_VALUE", path: `${name}/routes/${route}`, message });
    return [
      ...(host === undefined || isHost(host) ? [] : [problem(`expected a host name, got ${JSON.stringify(host)}`)]),
      ...(acme && host === undefined
        ? [problem("expected a host, without which no certificate can be had, got none")]
        : []),
      ...(to !== "dashboard" || login === true
        ? []
        : [problem("expected `login: true`, for the dashboard tells of everything behind it, got none")]),
      ...(rateLimit === undefined || rateLimit > 0
        ? []
        : [problem(`expected more than 0 requests a second, got ${rateLimit}`)]),
    ];
  });
}
