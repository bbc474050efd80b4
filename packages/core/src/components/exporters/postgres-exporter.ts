import { concat, literal, texts } from "../../model/expression.ts";
import { freeze } from "../../model/freeze.ts";
import { stackPort } from "../../model/ports.ts";
import type { Resource } from "../../model/resource.ts";
import { secret } from "../../model/secret.ts";
import { postgresAlerts } from "../metrics/postgres-alerts.ts";
import { postgresMetrics } from "../metrics/postgres-exporter.ts";
import { postgresPanels } from "../metrics/postgres-panels.ts";
import type { Postgres } from "../postgres.ts";
import { replicationRole } from "../postgres/read-replicas.ts";
import { self } from "../self.ts";
import { server, wgetHealth, type ServerOptions } from "../server.ts";

/** Options of a PostgreSQL exporter. */
export interface PostgresExporterOptions extends ServerOptions {
  readonly of: Postgres;
}

/**
 * A PostgreSQL's connections, transactions, cache and sizes, and the tables of its database, read by a role of its own that may
 * look and nothing else: how many rows a table has, and none of them. The text of statements that run it sees, values in them
 * included.
 */
export function postgresExporter(name: string, options: PostgresExporterOptions): Resource {
  const { bind, path } = self(name);
  const { of } = options;
  const role = name.replaceAll("-", "_");
  const password = secret(`${name}-password`);
  const env = {
    // Tables are seen from inside their database alone; all else is the same in each.
    DATA_SOURCE_URI: concat(self(of.name).address("postgres"), `/${of.database}?`, {
      kind: "ref",
      resource: of.name,
      output: "parameters",
    }),
    DATA_SOURCE_USER: literal(role),
    DATA_SOURCE_PASS_FILE: path("file", "password"),
  };
  const replicas = of.readReplicas.map((replica) => replicationRole(replica.name));
  const listen = concat("--web.listen-address=", bind("metrics"));
  const statements = of.provision.some(
    (step) => step.kind === "postgres-extension" && step.extension === "pg_stat_statements" && !step.optional,
  );
  return freeze(
    server(name, options, {
      part: "postgres-exporter",
      line: "0",
      program: "postgres_exporter",
      args: [listen],
      ports: [stackPort("metrics", 0)],
      files: [{ name: "password", content: password, mode: 0o600 }],
      provision: [
        { kind: "postgres-role", role, password },
        { kind: "postgres-membership", role, memberOf: "pg_monitor" },
        { kind: "postgres-access", database: of.database, role, owner: of.owner, read: [], write: [] },
      ],
      provisionIn: of.name,
      after: [{ resource: `${name}-provision`, strength: "needs", condition: "completed" }],
      metrics: [{ port: "metrics", path: "/metrics", list: postgresMetrics, of: of.name }],
      alerts: postgresAlerts(of.name, {
        replicas,
        archives: of.archives,
        statements,
      }),
      panels: postgresPanels(of.name, { replicas, statements }),
      // Not of the store: it answers, and says so, while the store is down.
      probe: { kind: "http", port: "metrics", path: "/" },
      process: { env },
      container: {
        // A host's exporter may be too old to know these: Debian 12 has 0.11.
        command: [
          listen,
          ...texts("--collector.stat_checkpointer", ...(statements ? ["--collector.stat_statements"] : [])),
        ],
        env,
        user: { uid: 65_534, gid: 65_534 },
        ports: { metrics: 9187 },
        health: wgetHealth(9187, "/"),
      },
    }),
  );
}
