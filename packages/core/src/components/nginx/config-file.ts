import { concat, type Expression } from "../../model/expression.ts";
import type { Resource } from "../../model/resource.ts";
import { self } from "../self.ts";
import { immutable } from "../edge/route.ts";
import type { PlacedRoute } from "./routes.ts";

/** HTTPS with its defaults. */
export interface NginxTls {
  readonly port: number;
  readonly pem: Expression;
  readonly plainToo: boolean;
  /** Browsers may be told to insist on HTTPS. */
  readonly strict: boolean;
}

interface ConfigInput {
  readonly name: string;
  readonly routes: readonly PlacedRoute[];
  readonly targets: readonly Resource[];
  readonly tls: NginxTls | undefined;
  readonly maxBodyMegabytes: number;
  /** Another edge is before it, and nobody else reaches it. */
  readonly behind: boolean;
  /** Lines for each server that has routes. */
  readonly extra: string | undefined;
  /** How targets are found: as processes by addresses, in containers by names. */
  readonly upstream: "addresses" | "names";
}

type Parts = readonly (string | Expression)[];

/** Connections that it has at once, of clients and to what is behind. */
export const mostConnections = 1024;

/** nginx.conf. */
export function configFile(input: ConfigInput): Expression {
  const { name, targets, tls, upstream, maxBodyMegabytes } = input;
  const { at, bind } = self(name);
  const scheme = input.behind ? "$client_scheme" : "$scheme";
  const told = forwarded(scheme);
  // In containers a service has a name before it has an address, and another address after each start: the engine's own
  // name server is asked again each second. A name that is not there yet is no fault of the configuration then.
  const [resolver, zone, resolve] =
    upstream === "names"
      ? ["  resolver 127.0.0.11 valid=1s ipv6=off;\n", "    zone upstreams 256k;\n", " resolve"]
      : ["", "", ""];
  // Replicas share one address. It is named twice because nginx tries each server once: a request whose connection broke
  // connects anew, which reaches a replica that listens. max_fails=0: an address is never given up on for that.
  const upstreamOf = (each: Resource, upstreamName: string, how: string): Parts => [
    `  upstream ${upstreamName} {\n${zone}${how}`,
    ...upstreamServer(each, resolve),
    ...upstreamServer(each, resolve),
    "    keepalive 32;\n  }\n",
  ];
  const kept = new Set(input.routes.flatMap(({ to, sticky }) => (sticky === true ? [to.name] : [])));
  const upstreams = targets.flatMap((each): Parts => [
    ...upstreamOf(each, each.name, ""),
    // Not `consistent`: by that, addresses of one name are one server, among which it goes from one to the next.
    ...(kept.has(each.name) ? upstreamOf(each, stickyName(each), "    hash $client;\n") : []),
  ]);
  const listening = (port: string, ...more: Parts): Parts => ["  server {\n    listen ", bind(port), ...more, "  }\n"];
  // Where a browser finds HTTPS: as a process where nginx listens, in a container where the host does.
  const httpsPort = tls && (upstream === "names" ? String(tls.port) : at("https", "port"));
  const toHttps: Parts = ["return 308 https://$host:", httpsPort ?? "", "$request_uri;"];
  // Where there is HTTPS, nobody's password comes without it.
  const routeOf = (port: string, route: PlacedRoute, lines: readonly string[]): Parts =>
    port === "http" && tls && route.login === true
      ? [`    location ${route.path} { `, ...toHttps, " }\n"]
      : location(name, route, lines, told);
  const servers = (port: string, listens: Parts, lines: readonly string[]): Parts =>
    hostsOf(input.routes).flatMap((host) =>
      listening(
        port,
        ...listens,
        host === "" ? "" : `    server_name ${host};\n`,
        ...lines,
        ...input.routes.filter((route) => route.host === host).flatMap((route) => routeOf(port, route, lines)),
        input.extra === undefined ? "" : `    ${input.extra}\n`,
      ),
    );
  const path = self(name).path("file", "tls.pem");
  return concat(
    "daemon off;\nworker_processes 1;\nworker_shutdown_timeout 30s;\npid nginx.pid;\nerror_log stderr warn;\n",
    `events { worker_connections ${mostConnections}; }\nhttp {\n  access_log off;\n  server_tokens off;\n`,
    "  client_body_temp_path body;\n  proxy_temp_path proxy;\n  fastcgi_temp_path fastcgi;\n  uwsgi_temp_path uwsgi;\n  scgi_temp_path scgi;\n",
    `  client_max_body_size ${maxBodyMegabytes}m;\n  proxy_http_version 1.1;\n`,
    // Nobody refuses for a container that is gone: a connection to it is asked for once more after one second, then the next
    // address is tried. nginx would wait for 60 s.
    "  proxy_connect_timeout 2s;\n",
    ...(input.behind ? clientsOfAnother : []),
    ...told.map((line) => `  ${line}`),
    "  gzip on;\n  gzip_vary on;\n  gzip_proxied any;\n  gzip_min_length 1024;\n",
    "  gzip_types text/plain text/css text/javascript application/javascript application/json application/xml image/svg+xml;\n",
    // Of an error nobody knows how long it holds.
    `  map $status $immutable { default ""; 200 "${immutable}"; 304 "${immutable}"; }\n`,
    "  limit_req_status 429;\n",
    ...input.routes.map(({ rateLimit, zone: limit }) =>
      rateLimit === undefined
        ? ""
        : `  limit_req_zone $binary_remote_addr zone=${limit}:1m rate=${Math.round(rateLimit * 60)}r/m;\n`,
    ),
    resolver,
    ...(kept.size > 0 ? stickyMaps(scheme) : []),
    ...upstreams,
    ...(tls && !tls.plainToo
      ? listening("http", ";\n    ", ...toHttps, "\n")
      : servers("http", [";\n"], headers(false))),
    ...(tls ? servers("https", tlsLines(path), headers(tls.strict)) : []),
    ...listening(
      "status",
      ";\n    location = /healthz { return 200; }\n    location = /stub_status { stub_status; }\n",
    ),
    "}\n",
  );
}

function upstreamServer({ name }: Resource, more: string): Parts {
  return ["    server ", self(name).address("http"), ` max_fails=0${more};\n`];
}

/** No resource has a name with what stands between. */
function stickyName({ name }: Resource): string {
  return `${name}_sticky`;
}

/** A client is its cookie; one without gets a number, by which it is led already. */
function stickyMaps(scheme: string): readonly string[] {
  return [
    '  map $cookie_caisson $client { "" $request_id; default $cookie_caisson; }\n',
    `  map ${scheme}:$cookie_caisson $new_client {\n    default "";\n`,
    '    http: "caisson=$request_id; Path=/; HttpOnly; SameSite=Lax";\n',
    '    https: "caisson=$request_id; Path=/; HttpOnly; SameSite=Lax; Secure";\n  }\n',
  ];
}

/** The one that answers for any host first: nginx takes the first of a port for that. */
function hostsOf(routes: readonly PlacedRoute[]): readonly string[] {
  return [...new Set(["", ...routes.map(({ host }) => host)])];
}

/** What every answer says to browsers, and nothing behind it instead. */
function headers(strict: boolean): readonly string[] {
  return [
    ...setHeader("X-Content-Type-Options", "nosniff"),
    ...setHeader("X-Frame-Options", "DENY"),
    ...setHeader("Referrer-Policy", "strict-origin-when-cross-origin"),
    ...(strict ? setHeader("Strict-Transport-Security", "max-age=31536000") : []),
  ];
}

function setHeader(header: string, value: string): string[] {
  return [`    proxy_hide_header ${header};\n`, `    add_header ${header} "${value}" always;\n`];
}

const caches = { immutable: "$immutable", "no-store": "no-store" } as const;

function location(
  name: string,
  { path, to, idempotent, cache, rateLimit, zone, login, sticky }: PlacedRoute,
  lines: readonly string[],
  told: readonly string[],
): Parts {
  const added = [
    ...(cache === undefined ? [] : setHeader("Cache-Control", caches[cache])),
    // Beside the program's own cookies.
    ...(sticky === true ? ["    add_header Set-Cookie $new_client;\n"] : []),
  ];
  const upstream = sticky === true ? stickyName(to) : to.name;
  const more: Parts = [
    ...(idempotent === true ? ["      proxy_next_upstream error timeout non_idempotent;\n"] : []),
    ...(rateLimit === undefined
      ? []
      : [`      limit_req zone=${zone} burst=${Math.max(1, Math.round(rateLimit * 2))} nodelay;\n`]),
    // What a location sets of one kind replaces all of that kind around it.
    ...(added.length === 0 ? [] : [...lines, ...added].map((line) => `  ${line}`)),
    ...(login === true
      ? [
          `      auth_basic ${name};\n      auth_basic_user_file `,
          self(name).path("file", "users"),
          ";\n",
          ...[...told, 'proxy_set_header Authorization "";\n'].map((line) => `      ${line}`),
        ]
      : []),
  ];
  return more.length === 0
    ? [`    location ${path} { proxy_pass http://${upstream}; }\n`]
    : [`    location ${path} {\n      proxy_pass http://${upstream};\n`, ...more, "    }\n"];
}

/** What whoever is behind it is told of a request. */
function forwarded(scheme: string): readonly string[] {
  return [
    'proxy_set_header Connection "";\n',
    "proxy_set_header Host $http_host;\n",
    "proxy_set_header X-Forwarded-For $remote_addr;\n",
    `proxy_set_header X-Forwarded-Proto ${scheme};\n`,
  ];
}

/** A client as the edge before it knows it: that one adds the address it was asked from last. */
const clientsOfAnother = [
  "  set_real_ip_from 0.0.0.0/0;\n  real_ip_header X-Forwarded-For;\n",
  "  map $http_x_forwarded_proto $client_scheme { default $scheme; http http; https https; }\n",
];

function tlsLines(pem: Expression): Parts {
  return [
    " ssl;\n    ssl_protocols TLSv1.2 TLSv1.3;\n    ssl_certificate ",
    pem,
    ";\n    ssl_certificate_key ",
    pem,
    ";\n",
  ];
}
