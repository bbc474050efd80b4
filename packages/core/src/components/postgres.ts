import { resourcesOf, type AmountOptions } from "../model/amounts.ts";
import { concat, encode, literal, texts, type Expression } from "../model/expression.ts";
import { containerFacet } from "../model/container-defaults.ts";
import { freeze } from "../model/freeze.ts";
import type { Optional } from "../model/optional.ts";
import { devPort } from "../model/ports.ts";
import { toBytes } from "../model/quantity.ts";
import { baseResource } from "../model/resource-defaults.ts";
import type { Output, ProvisionStep, Resource } from "../model/resource.ts";
import { secret } from "../model/secret.ts";
import type { Value } from "../model/value.ts";
import { postgresImage } from "./postgres/image.ts";
import {
  archiveProblems,
  auditSettings,
  derivedSettings,
  tuningProblems,
  type PostgresTuning,
} from "./postgres/tuning.ts";
import { self, type Self } from "./self.ts";
import { healthCommand } from "./server.ts";
import { mergeSettings, type Settings } from "./settings.ts";

/** Options of a PostgreSQL server with one database and the role that owns it. */
export interface PostgresOptions extends AmountOptions {
  /** Default: the resource's name with `-` as `_`. */
  readonly database?: string;
  /** The role programs connect as; owns the database, is no superuser. Default: the database's name. */
  readonly user?: string;
  /** Major version. Default 18. */
  readonly version?: 15 | 16 | 17 | 18;
  /** Extensions by their SQL names; `optional("x")` where the stack can do without. */
  readonly extensions?: readonly (string | Optional)[];
  /** Default 5432; a target moves it when it is taken. */
  readonly port?: number;
  /** Default 100. */
  readonly maxConnections?: number;
  /** Wins over what follows from the memory limit, and is checked against it. */
  readonly tuning?: PostgresTuning;
  /** `true`: every connection and every change of data or schema is in the log. Default `false`. */
  readonly audit?: boolean;
  readonly renamedFrom?: string;
  readonly extra?: { readonly settings?: Settings };
}

/** A PostgreSQL server; `url` waits until the database and its role exist. */
export type Postgres = Resource & {
  readonly url: Value<"postgres-url">;
  readonly host: Value<"text">;
  readonly port: Value<"number">;
};

/** PostgreSQL: one server, one database, one owner role; superuser and role passwords are generated. */
export function postgres(name: string, options: PostgresOptions = {}): Postgres {
  const database = options.database ?? name.replaceAll("-", "_");
  const user = options.user ?? database;
  const major = options.version ?? 18;
  const { extensions = [] } = options;
  const connections = options.maxConnections ?? 100;
  const memory = options.limits?.memory === undefined ? undefined : toBytes(options.limits.memory);
  const superuser = secret(`${name}-superuser`);
  const role = secret(`${name}-${user.replaceAll("_", "-")}`);
  const { address, at, path } = self(name);
  const derived = {
    ...derivedSettings(connections, memory, options.tuning),
    ...(options.audit === true && auditSettings),
  };
  const { settings, problems } = mergeSettings(name, derived, options.extra?.settings);
  const image = postgresImage(name, major, extensions);
  const config = concat("config_file=", path("file", "postgresql.conf"));
  const gate = `${name}-provision`;
  const output = (type: Output["type"], value: Expression): Output => ({
    type,
    value,
    strength: "needs",
    condition: "healthy",
    gate,
  });
  return freeze({
    ...baseResource("component", "postgres", name),
    ports: [devPort("postgres", options.port ?? 5432, "postgres")],
    connections,
    process: {
      provider: {
        product: "postgres",
        major,
        extensions: extensions.filter((each) => typeof each === "string"),
      },
      prepare: [initdb(path, major)],
      reset: { [`${name}-superuser`]: resetSuperuser(superuser, path) },
      argv: texts(path("binary", "postgres"), "-D", path("volume", "data"), "-c", config),
      env: { LC_ALL: literal("C.UTF-8") },
      user: "service",
    },
    container: containerFacet({
      image: { kind: "catalogue", name: image.part, line: String(major) },
      command: texts(
        "postgres",
        "-c",
        config,
        "-c",
        // The image sets the data folder up over the socket, before anything listens on TCP.
        "unix_socket_directories=/var/run/postgresql",
        ...image.preload.flatMap((library) => ["-c", `shared_preload_libraries=${library}`]),
      ),
      env: {
        POSTGRES_PASSWORD_FILE: path("file", "superuser-password"),
        POSTGRES_INITDB_ARGS: literal(initdbFlags(major).join(" ")),
      },
      user: image.user,
      tmpfs: [{ path: "/var/run/postgresql" }],
      // 18 moved the image's volume; what is mounted at the old path is refused there.
      mounts: [
        {
          volume: "data",
          path: major >= 18 ? "/var/lib/postgresql" : "/var/lib/postgresql/data",
          ownedByImage: true,
        },
      ],
      files: { "pg_hba.conf": { content: literal("local all all scram-sha-256\nhost all all all scram-sha-256\n") } },
      ports: { postgres: 5432 },
      // Over TCP: while the image sets up its data it answers on the socket only.
      health: healthCommand("pg_isready", "-q", "-h", "127.0.0.1", "-U", "postgres", "-d", "postgres"),
      shmBytes: 256 * 1024 ** 2,
    }),
    files: [
      { name: "superuser-password", content: superuser, mode: 0o600 },
      { name: "postgresql.conf", content: configFile(settings, self(name)), mode: 0o600 },
      {
        name: "pg_hba.conf",
        content: concat("host all all 127.0.0.1/32 scram-sha-256\nhost all all ::1/128 scram-sha-256\n"),
        mode: 0o600,
      },
    ],
    volumes: [{ name: "data", dataMajor: major }],
    ready: { kind: "postgres", port: "postgres", user: "postgres", database: "postgres" },
    live: { kind: "postgres", port: "postgres", user: "postgres", database: "postgres" },
    provision: provisionSteps(database, user, role, extensions),
    // SIGINT is PostgreSQL's fast shutdown: it ends sessions and writes a checkpoint, which may take long.
    stop: { signal: "SIGINT", graceMs: 120_000 },
    resources: resourcesOf(options),
    outputs: {
      url: output(
        "postgres-url",
        concat(`postgres://${user}:`, encode("url", role), "@", address("postgres"), `/${database}`),
      ),
      adminUrl: {
        ...output(
          "postgres-url",
          concat("postgres://postgres:", encode("url", superuser), "@", address("postgres"), "/postgres"),
        ),
        gate: name,
      },
      host: output("text", at("postgres", "host")),
      port: output("number", at("postgres", "port")),
    },
    logins: [{ user, secret: role.name }],
    problems: [
      ...problems,
      ...image.problems,
      ...tuningProblems(name, memory, options.tuning),
      ...archiveProblems(name, settings),
    ],
    ...(options.renamedFrom !== undefined && { renamedFrom: options.renamedFrom }),
    url: { kind: "ref", resource: name, output: "url" },
    host: { kind: "ref", resource: name, output: "host" },
    port: { kind: "ref", resource: name, output: "port" },
  });
}

function configFile(settings: Settings, { at, path }: Self): Expression {
  const lines = Object.entries(settings).map(([key, value]) => `${key} = '${String(value).replaceAll("'", "''")}'\n`);
  return concat(
    "listen_addresses = '",
    at("postgres", "bind"),
    "'\nport = ",
    at("postgres", "port"),
    "\n",
    // No unix socket: its folder would be shared with every other server of the host.
    "unix_socket_directories = ''\nhba_file = '",
    path("file", "pg_hba.conf"),
    "'\n",
    ...lines,
  );
}

function initdb(path: Self["path"], major: number): Expression[] {
  const passwordFile = concat("--pwfile=", path("file", "superuser-password"));
  const where = ["-D", path("volume", "data")];
  return texts(path("binary", "initdb"), ...where, "-U", "postgres", ...initdbFlags(major), passwordFile);
}

function initdbFlags(major: number): string[] {
  const flags = ["--auth=scram-sha-256", "--encoding=UTF8", "--data-checksums"];
  // The builtin provider (17 and later) sorts the same whatever C library the host has.
  const locale = major >= 17 ? ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"] : ["--locale=C"];
  return [...flags, ...locale];
}

/** Single-user mode: no password is asked, nothing listens, and the server must be stopped. */
function resetSuperuser(password: Expression, path: Self["path"]): { argv: Expression[]; stdin: Expression } {
  return {
    argv: texts(path("binary", "postgres"), "--single", "-D", path("volume", "data"), "postgres"),
    stdin: concat("ALTER ROLE postgres PASSWORD '", encode("scram-sha-256", password), "'\n"),
  };
}

function provisionSteps(
  database: string,
  user: string,
  role: Expression,
  extensions: readonly (string | Optional)[],
): ProvisionStep[] {
  return [
    { kind: "postgres-role", role: user, password: role },
    { kind: "postgres-database", database, owner: user },
    ...extensions.map((each): ProvisionStep => ({
      kind: "postgres-extension",
      database,
      extension: typeof each === "string" ? each : each.name,
      optional: typeof each !== "string",
    })),
  ];
}
