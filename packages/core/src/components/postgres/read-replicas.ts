import type { Problem } from "../../errors/problem.ts";
import { concat, literal, texts, type Expression } from "../../model/expression.ts";
import { devPort } from "../../model/ports.ts";
import { baseResource } from "../../model/resource-defaults.ts";
import type { Resource } from "../../model/resource.ts";
import { secret } from "../../model/secret.ts";
import type { Value } from "../../model/value.ts";
import type { PostgresOptions } from "../postgres.ts";
import { self } from "../self.ts";
import { server } from "../server.ts";
import type { Settings } from "../settings.ts";
import { configFile } from "./config-file.ts";
import { serverContainer } from "./container.ts";
import type { PostgresImage } from "./image.ts";
import { startScript } from "./replica-start.ts";
import { postgresTls } from "./tls.ts";
import { urlOf, type Login } from "./url.ts";

/** A server that has what its primary has, a moment later, and takes no change; `url` is that of the same role and database. */
export type ReadReplica = Resource & { readonly url: Value<"postgres-url"> };

/** What it has of its primary. */
interface Primary {
  readonly major: number;
  readonly image: PostgresImage;
  readonly settings: Settings;
  readonly libraries: readonly Expression[];
  readonly connections: number;
  readonly login: Login;
}

const most = 4;
/** The first copy may take long; what runs the checks itself would end it as one that hangs. */
const firstCopyMs = 6 * 3_600_000;

/** As many as the options say, `db-replica-1` and so on. */
export function readReplicas(name: string, options: PostgresOptions, primary: Primary): ReadReplica[] {
  const count = replicaProblems(name, options.readReplicas).length > 0 ? 0 : (options.readReplicas ?? 0);
  return Array.from({ length: count }, (_, index) => readReplica(name, index + 1, options, primary));
}

/** Settings of one that has replicas: WAL that a dead one has not read must not fill its disk. */
export function primarySettings(count = 0): Settings {
  return count > 0 ? { max_slot_wal_keep_size: "16GB" } : {};
}

/** Lines of its pg_hba.conf: `all` stands for all databases, and not for this. */
export function replicationAccess(host: string, replicas: readonly Resource[]): string {
  return replicas.map(({ name }) => `${host} replication ${replicationRole(name)} all scram-sha-256\n`).join("");
}

/** Each takes two of the ten connections that PostgreSQL keeps for them while it makes its first copy. */
export function replicaProblems(name: string, count = 0): Problem[] {
  if (Number.isInteger(count) && count >= 0 && count <= most) return [];
  const message = `expected a whole number from 0 to ${most}, got ${count}`;
  return [{ code: "E_VALUE", path: `${name}/readReplicas`, message }];
}

/** Its role on the primary, and its slot's name. */
export function replicationRole(replica: string): string {
  return replica.replaceAll("-", "_");
}

function readReplica(of: string, number: number, options: PostgresOptions, primary: Primary): ReadReplica {
  const name = `${of}-replica-${number}`;
  const { major, image, settings, connections } = primary;
  const own = self(name);
  const tls = postgresTls(name, options.tls, major);
  const role = replicationRole(name);
  const password = secret(`${name}-replication`);
  const address = concat(
    `postgres://${role}@`,
    self(of).address("postgres"),
    "/?",
    tls.parameters,
    `&application_name=${role}&connect_timeout=10&passfile=/var/run/postgresql/passfile`,
  );
  const follows = ["primary_conninfo = '", address, `'\nprimary_slot_name = '${role}'\n`];
  const probe = { kind: "postgres", port: "postgres", user: "postgres", database: "postgres" } as const;
  const node = server(name, options, {
    part: image.part,
    line: String(major),
    component: "postgres-replica",
    program: "postgres",
    args: [],
    ports: [{ ...devPort("postgres", (options.port ?? 5432) + number, "postgres"), ...tls.port }],
    connections,
    after: [of, name].map((each) => ({
      resource: `${each}-provision`,
      strength: "needs",
      condition: "completed",
    })),
    provision: [{ kind: "postgres-replication", role, password, slot: role }],
    provisionIn: of,
    files: [
      { name: "start.sh", content: startScript(own, address, role, options.tls !== undefined), mode: 0o644 },
      { name: "passfile", content: concat(`*:*:*:${role}:`, password, "\n"), mode: 0o600 },
      { name: "postgresql.conf", content: configFile(settings, own, tls, follows), mode: 0o600 },
      { name: "pg_hba.conf", content: literal(`${tls.host} all all all scram-sha-256\n`), mode: 0o600 },
      ...tls.files,
    ],
    volumes: [{ name: "data", dataMajor: major, holds: "cache" }],
    probe,
    ready: { ...probe, ...tls.ready },
    live: { ...probe, ...tls.live },
    probeTiming: { ...baseResource("component", "postgres-replica", name).probeTiming, startPeriodMs: firstCopyMs },
    // A host's PostgreSQL may come without what makes a copy.
    process: { provider: { product: "postgres-replica", major, extensions: [] } },
    container: {
      ...serverContainer(image, major),
      entrypoint: texts("sh", own.path("file", "start.sh")),
      command: texts(
        "postgres",
        "-c",
        concat("config_file=", own.path("file", "postgresql.conf")),
        "-c",
        "unix_socket_directories=",
        ...tls.args,
        ...primary.libraries,
      ),
    },
    stop: { signal: "SIGINT", graceMs: 120_000 },
    outputs: {
      url: {
        type: "postgres-url",
        value: urlOf(name, primary.login, tls),
        strength: "needs",
        condition: "healthy",
        ...tls.trusted,
      },
    },
    ...tls.verified,
  });
  return { ...node, url: { kind: "ref", resource: name, output: "url" } };
}
