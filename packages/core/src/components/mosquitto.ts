import type { Problem } from "../errors/problem.ts";
import { concat, encode, literal, texts, type Expression } from "../model/expression.ts";
import { freeze } from "../model/freeze.ts";
import { devPort } from "../model/ports.ts";
import type { Resource } from "../model/resource.ts";
import { secret, type Secret } from "../model/secret.ts";
import type { Value } from "../model/value.ts";
import { self } from "./self.ts";
import { healthCommand, server, type ServerOptions } from "./server.ts";
import { mergeSettings, type Settings } from "./settings.ts";
import { certificateOf, type TlsOptions } from "./tls.ts";

/** What a user may do; a topic filter each (`sensors/+/state`). Nothing that is not listed. */
export interface MosquittoUser {
  readonly publish?: readonly string[];
  readonly subscribe?: readonly string[];
}

/** Options of a Mosquitto. */
export interface MosquittoOptions<U extends string> extends ServerOptions {
  /** Users by name; a password is generated for each, the broker sees its hash. */
  readonly users: Readonly<Record<U, MosquittoUser>>;
  /** Default 1883. */
  readonly port?: number;
  /** MQTT over WebSockets, for browsers. Default: none. */
  readonly websocketsPort?: number;
  /** MQTT over TLS. Default: none; the port is 8883. */
  readonly tls?: TlsOptions;
  /** Connections of each listener. Default: no bound. */
  readonly maxConnections?: number;
  /** Messages on their way to one client. Default 20. */
  readonly maxInFlight?: number;
  /** Messages that wait for one client. Default 1000. */
  readonly maxQueued?: number;
  /** Largest message in bytes. Default 2,000,000. */
  readonly maxPacketBytes?: number;
  readonly extra?: { readonly settings?: Settings };
}

/** A Mosquitto; `urls` has one URL a user, with the password. */
export type Mosquitto<U extends string = string> = Resource & {
  readonly urls: Readonly<Record<U, Value<"mqtt-url">>>;
  readonly host: Value<"text">;
  readonly port: Value<"number">;
};

/** Reads the broker's own topics: what probes and exporters log in as. */
export const healthUser = "caisson-health";

/** One message of its own topics, within five seconds; the options with the password are in a file below XDG_CONFIG_HOME. */
const healthCheck = [
  "env",
  "XDG_CONFIG_HOME=/run/secrets",
  "mosquitto_sub",
  "-h",
  "127.0.0.1",
  "-p",
  "1883",
  "-t",
  "$SYS/broker/uptime",
  "-C",
  "1",
  "-W",
  "5",
];

/** Mosquitto: nobody connects without a user, and a user reaches the topics of its list alone. */
export function mosquitto<const U extends string>(name: string, options: MosquittoOptions<U>): Mosquitto<U> {
  const { address, at, path } = self(name);
  const users = Object.entries<MosquittoUser>(options.users);
  const all: [string, MosquittoUser][] = [...users, [healthUser, { subscribe: ["$SYS/#"] }]];
  const passwordOf = (user: string): Secret => mosquittoPassword(name, user);
  const { settings, problems } = mergeSettings(name, derivedSettings(options), options.extra?.settings);
  const url = (user: string): Expression =>
    concat(`mqtt://${user}:`, encode("url", passwordOf(user)), "@", address("mqtt"));
  const output = (type: "mqtt-url" | "text" | "number", value: Expression): Resource["outputs"][string] => ({
    type,
    value,
    strength: "needs",
    condition: "healthy",
  });
  const websockets = options.websocketsPort === undefined ? [] : [devPort("websockets", options.websocketsPort, "ws")];
  const tls = options.tls && { port: options.tls.port ?? 8883, ...certificateOf(name, options.tls) };
  const node = {
    ...server(name, options, {
      part: "mosquitto",
      line: "2",
      program: "mosquitto",
      args: ["-c", path("file", "mosquitto.conf")],
      ports: [
        devPort("mqtt", options.port ?? 1883, "mqtt"),
        ...(tls ? [{ ...devPort("mqtts", tls.port, "mqtt"), tls: true as const }] : []),
        ...websockets,
      ],
      files: [
        { name: "health-password", content: passwordOf(healthUser), mode: 0o600 },
        { name: "passwords", content: passwordFile(all, passwordOf), mode: 0o600 },
        { name: "acl", content: literal(aclFile(all)), mode: 0o600 },
        {
          name: "mosquitto.conf",
          content: configFile(name, { tls: tls !== undefined, websockets: websockets.length > 0 }, settings),
          mode: 0o644,
        },
        ...(tls ? [{ name: "tls.pem", content: tls.pem, mode: 0o600 }] : []),
        // Options of its own client, which takes a password from a file in this form only.
        { name: "mosquitto_sub", content: concat(`-u ${healthUser}\n-P `, passwordOf(healthUser), "\n"), mode: 0o600 },
      ],
      volumes: [{ name: "data", dataMajor: 2 }],
      probe: { kind: "mqtt", port: "mqtt", user: healthUser, passwordFile: path("file", "health-password") },
      container: {
        command: texts("mosquitto", "-c", path("file", "mosquitto.conf")),
        user: { uid: 1883, gid: 1883 },
        mounts: [{ volume: "data", path: "/mosquitto/data", ownedByImage: true }],
        ports: { mqtt: 1883, ...(tls && { mqtts: 8883 }), websockets: 9001 },
        files: { mosquitto_sub: { path: "/run/secrets/mosquitto_sub" } },
        health: healthCommand(...healthCheck),
      },
      ...(options.maxConnections !== undefined && { connections: options.maxConnections }),
      reload: "SIGHUP",
      // Writes what it keeps to disk.
      stop: { signal: "SIGTERM", graceMs: 30_000 },
      logins: users.map(([user]) => ({ user, secret: passwordOf(user).name })),
      problems: [...problems, ...userProblems(name, users)],
      outputs: {
        ...Object.fromEntries(users.map(([user]) => [`url-${user}`, output("mqtt-url", url(user))])),
        host: output("text", at("mqtt", "host")),
        port: output("number", at("mqtt", "port")),
      },
    }),
    urls: Object.fromEntries(
      users.map(([user]) => [user, { kind: "ref", resource: name, output: `url-${user}` } as const]),
    ) as Record<U, Value<"mqtt-url">>,
    host: { kind: "ref", resource: name, output: "host" } as const,
    port: { kind: "ref", resource: name, output: "port" } as const,
  };
  return freeze(node);
}

/** The password of a user of the broker `name`. */
export function mosquittoPassword(name: string, user: string): Secret {
  return secret(`${name}-${user.toLowerCase().replaceAll("_", "-")}`);
}

function derivedSettings(options: MosquittoOptions<string>): Settings {
  return {
    persistence: true,
    log_dest: "stdout",
    log_timestamp_format: "%Y-%m-%dT%H:%M:%S",
    connection_messages: true,
    max_inflight_messages: options.maxInFlight ?? 20,
    max_queued_messages: options.maxQueued ?? 1000,
    max_packet_size: options.maxPacketBytes ?? 2_000_000,
    ...(options.maxConnections !== undefined && { max_connections: options.maxConnections }),
  };
}

/** The forms of 2.0, which 2.1 still reads: `password_file` and `acl_file` rather than their plugins. */
function configFile(
  name: string,
  { tls, websockets }: { readonly tls: boolean; readonly websockets: boolean },
  { max_connections: most, ...settings }: Settings,
): Expression {
  const { at, path } = self(name);
  const bound = most === undefined ? "" : `max_connections ${String(most)}\n`;
  const listener = (port: string, protocol: string): (string | Expression)[] => [
    "listener ",
    at(port, "port"),
    " ",
    at(port, "bind"),
    `\nprotocol ${protocol}\n${bound}`,
  ];
  return concat(
    "allow_anonymous false\npassword_file ",
    path("file", "passwords"),
    "\nacl_file ",
    path("file", "acl"),
    "\npersistence_location ",
    path("volume", "data"),
    "/\n",
    ...Object.entries(settings).map(([key, value]) => `${key} ${String(value)}\n`),
    ...listener("mqtt", "mqtt"),
    // The least version that is spoken.
    ...(tls
      ? [
          ...listener("mqtts", "mqtt"),
          "tls_version tlsv1.2\ncertfile ",
          path("file", "tls.pem"),
          "\nkeyfile ",
          path("file", "tls.pem"),
          "\n",
        ]
      : []),
    ...(websockets ? listener("websockets", "websockets") : []),
  );
}

function passwordFile(users: readonly [string, MosquittoUser][], passwordOf: (user: string) => Expression): Expression {
  return concat(...users.flatMap(([user]) => [`${user}:`, encode("pbkdf2-mosquitto", passwordOf(user)), "\n"]));
}

/** With a file of rules, what no rule allows is refused. */
function aclFile(users: readonly [string, MosquittoUser][]): string {
  return users
    .map(([user, { publish = [], subscribe = [] }]) =>
      [
        `user ${user}`,
        ...publish.map((topic) => `topic write ${topic}`),
        ...subscribe.map((topic) => `topic read ${topic}`),
        "",
      ].join("\n"),
    )
    .join("\n");
}

function userProblems(name: string, users: readonly (readonly [string, MosquittoUser])[]): Problem[] {
  return users.flatMap(([user, { publish = [], subscribe = [] }]): Problem[] => [
    ...(/^[A-Za-z][A-Za-z0-9_-]{0,30}$/.test(user) && user !== healthUser
      ? []
      : [
          {
            code: "E_VALUE" as const,
            path: `${name}/users/${user}`,
            message: `expected a user's name of letters, digits, - and _, not ${healthUser}, got ${JSON.stringify(user)}`,
          },
        ]),
    ...[...publish, ...subscribe]
      .filter((topic) => !isFilter(topic))
      .map((topic) => ({
        code: "E_VALUE" as const,
        path: `${name}/users/${user}`,
        message: `expected an MQTT topic filter ("sensors/+/state", "sensors/#"), got ${JSON.stringify(topic)}`,
      })),
  ]);
}

/** `+` is a whole level, `#` the last one; a line of the file is one topic. */
function isFilter(topic: string): boolean {
  const levels = topic.split("/");
  return (
    topic !== "" &&
    !/[\r\n\0]/.test(topic) &&
    levels.every(
      (level, index) => !/[+#]/.test(level) || level === "+" || (level === "#" && index === levels.length - 1),
    )
  );
}
