import { resourcesOf, type AmountOptions } from "../model/amounts.ts";
import { concat, literal, texts, type Expression } from "../model/expression.ts";
import { containerFacet } from "../model/container-defaults.ts";
import { freeze } from "../model/freeze.ts";
import type { Optional } from "../model/optional.ts";
import { devPort } from "../model/ports.ts";
import { toBytes } from "../model/quantity.ts";
import { baseResource } from "../model/resource-defaults.ts";
import type { Output, ProvisionStep, Resource } from "../model/resource.ts";
import { secret } from "../model/secret.ts";
import type { Value } from "../model/value.ts";
import { accessOf, passwordOf, type AccessOptions } from "./postgres/access.ts";
import { configFile } from "./postgres/config-file.ts";
import { serverContainer } from "./postgres/container.ts";
import { postgresImage } from "./postgres/image.ts";
import { initdb, initdbFlags, resetSuperuser } from "./postgres/initdb.ts";
import { preload } from "./postgres/preload.ts";
import {
  primarySettings,
  readReplicas,
  replicaProblems,
  replicationAccess,
  type ReadReplica,
} from "./postgres/read-replicas.ts";
import {
  archiveProblems,
  archives,
  auditSettings,
  defaultConnections,
  derivedSettings,
  tuningProblems,
  type PostgresTuning,
} from "./postgres/tuning.ts";
import { postgresTls, type PostgresTlsOptions } from "./postgres/tls.ts";
import { urlOf } from "./postgres/url.ts";
import { self } from "./self.ts";
import { mergeSettings, type Settings } from "./settings.ts";

/** Options of a PostgreSQL server with one database and the role that owns it. */
export interface PostgresOptions<R extends string = string> extends AmountOptions, AccessOptions<R> {
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
  /** Over TCP it speaks TLS 1.2 or newer and nothing else, and whoever takes `url` verifies it. Default: none. */
  readonly tls?: true | PostgresTlsOptions;
  /** Servers that follow this one and are read alone, at most 4; in containers alone. They go into the stack too. Default 0. */
  readonly readReplicas?: number;
  readonly renamedFrom?: string;
  readonly extra?: { readonly settings?: Settings };
}

/**
 * A PostgreSQL server; `url` waits until the database and its role exist, as those of `urls` do, one for each further role. One
 * that speaks TLS has no `host` and `port`: who connects by those verifies nothing.
 */
export type Postgres<
  T extends PostgresOptions["tls"] = PostgresOptions["tls"],
  R extends string = string,
> = Resource & {
  readonly url: Value<"postgres-url">;
  readonly urls: Readonly<Record<R, Value<"postgres-url">>>;
  readonly readReplicas: readonly ReadReplica[];
  readonly database: string;
  /** The role that owns the database. */
  readonly owner: string;
  /** Its WAL is archived. */
  readonly archives: boolean;
} & ([T] extends [undefined] ? { readonly host: Value<"text">; readonly port: Value<"number"> } : unknown);

/** PostgreSQL: one server, one database, its owner and further roles; all passwords are generated. */
export function postgres<const T extends PostgresOptions["tls"] = undefined, const R extends string = never>(
  name: string,
  options: PostgresOptions<R> & { readonly tls?: T } = {},
): Postgres<T, R> {
  const database = options.database ?? name.replaceAll("-", "_");
  const user = options.user ?? database;
  const major = options.version ?? 18;
  const { extensions = [] } = options;
  const connections = options.maxConnections ?? defaultConnections;
  const memory = options.limits?.memory === undefined ? undefined : toBytes(options.limits.memory);
  const superuser = secret(`${name}-superuser`);
  const role = passwordOf(name, user);
  const access = accessOf(name, database, user, options);
  const { at, path } = self(name);
  const tls = postgresTls(name, options.tls, major);
  const image = postgresImage(name, major, extensions);
  const libraries = preload(extensions, image.has, options.extra?.settings);
  const derived = {
    ...derivedSettings(connections, memory, options.tuning),
    ...libraries.settings,
    ...tls.settings,
    ...(options.audit === true && auditSettings),
    ...primarySettings(options.readReplicas),
  };
  const { settings, problems } = mergeSettings(name, derived, libraries.extra);
  const config = concat("config_file=", path("file", "postgresql.conf"));
  const replicas = readReplicas(name, options, {
    major,
    image,
    settings,
    libraries: libraries.args,
    connections,
    login: { user, password: role, database },
  });
  const gate = `${name}-provision`;
  const output = (type: Output["type"], value: Expression): Output => ({
    type,
    value,
    strength: "needs",
    condition: "healthy",
    gate,
  });
  const url = (who: string, password: Expression, of: string): Output => ({
    ...output("postgres-url", urlOf(name, { user: who, password, database: of }, tls)),
    ...tls.trusted,
  });
  const probe = { kind: "postgres", port: "postgres", user: "postgres", database: "postgres" } as const;
  const node = {
    ...baseResource("component", "postgres", name),
    ports: [{ ...devPort("postgres", options.port ?? 5432, "postgres"), ...tls.port }],
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
      ...serverContainer(image, major),
      ...(tls.entrypoint && { entrypoint: tls.entrypoint }),
      command: texts(
        "postgres",
        "-c",
        config,
        "-c",
        // The image sets the data folder up over the socket, before anything listens on TCP.
        "unix_socket_directories=/var/run/postgresql",
        ...tls.args,
        ...libraries.args,
      ),
      env: {
        POSTGRES_PASSWORD_FILE: path("file", "superuser-password"),
        POSTGRES_INITDB_ARGS: literal(initdbFlags(major).join(" ")),
      },
      files: {
        "pg_hba.conf": {
          content: literal(
            `local all all scram-sha-256\n${tls.host} all all all scram-sha-256\n${replicationAccess(tls.host, replicas)}`,
          ),
        },
      },
    }),
    files: [
      { name: "superuser-password", content: superuser, mode: 0o600 },
      { name: "postgresql.conf", content: configFile(settings, self(name), tls), mode: 0o600 },
      {
        name: "pg_hba.conf",
        content: literal(
          ["127.0.0.1/32", "::1/128"].map((from) => `${tls.host} all all ${from} scram-sha-256\n`).join(""),
        ),
        mode: 0o600,
      },
      ...tls.files,
    ],
    volumes: [{ name: "data", dataMajor: major }],
    ready: { ...probe, ...tls.ready },
    live: { ...probe, ...tls.live },
    provision: [...provisionSteps(database, user, role, extensions), ...access.steps],
    // SIGINT is PostgreSQL's fast shutdown: it ends sessions and writes a checkpoint, which may take long.
    stop: { signal: "SIGINT", graceMs: 120_000 },
    resources: resourcesOf(options),
    outputs: {
      url: url(user, role, database),
      ...Object.fromEntries(access.roles.map((each) => [`url-${each.role}`, url(each.role, each.password, database)])),
      adminUrl: { ...url("postgres", superuser, "postgres"), gate: name },
      ...(!options.tls && {
        host: output("text", at("postgres", "host")),
        port: output("number", at("postgres", "port")),
      }),
      // For who is told address and login apart.
      parameters: { type: "text", value: tls.parameters, strength: "uses", condition: "started", ...tls.trusted },
    },
    ...tls.verified,
    logins: [{ role: user, password: role }, ...access.roles].map((each) => ({
      user: each.role,
      secret: each.password.name,
    })),
    problems: [
      ...problems,
      ...access.problems,
      ...image.problems,
      ...tuningProblems(name, memory, options.maxConnections, options.tuning),
      ...archiveProblems(name, settings),
      ...replicaProblems(name, options.readReplicas),
    ],
    ...(options.renamedFrom !== undefined && { renamedFrom: options.renamedFrom }),
    url: { kind: "ref", resource: name, output: "url" },
    readReplicas: replicas,
    database,
    owner: user,
    archives: archives(settings),
    urls: Object.fromEntries(
      access.roles.map((each) => [each.role, { kind: "ref", resource: name, output: `url-${each.role}` }]),
    ),
    ...(!options.tls && {
      host: { kind: "ref", resource: name, output: "host" },
      port: { kind: "ref", resource: name, output: "port" },
    }),
  } as const;
  // The conditional type follows `tls`, which the spread above follows too.
  return freeze(node) as unknown as Postgres<T, R>;
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
