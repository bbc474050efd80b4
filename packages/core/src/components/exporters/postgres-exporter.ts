import { concat, literal } from "../../model/expression.ts";
import { freeze } from "../../model/freeze.ts";
import { stackPort } from "../../model/ports.ts";
import type { Resource } from "../../model/resource.ts";
import { secret } from "../../model/secret.ts";
import { postgresAlerts, postgresMetrics, postgresPanels } from "../metrics/postgres-exporter.ts";
import type { Postgres } from "../postgres.ts";
import { replicationRole } from "../postgres/read-replicas.ts";
import { self } from "../self.ts";
import { server, wgetHealth, type ServerOptions } from "../server.ts";

/** Options of a PostgreSQL exporter. */
export interface PostgresExporterOptions extends ServerOptions {
  readonly of: Postgres;
}

/** A PostgreSQL's connections, transactions, cache and sizes, read by a role of its own that may look and nothing else. */
export function postgresExporter(name: string, options: PostgresExporterOptions): Resource {
  const { bind, path } = self(name);
  const { of } = options;
  const role = name.replaceAll("-", "_");
  const password = secret(`${name}-password`);
  const env = {
    // Its own database is closed to others; what is read is the same in each.
    DATA_SOURCE_URI: concat(self(of.name).address("postgres"), "/postgres?", {
      kind: "ref",
      resource: of.name,
      output: "parameters",
    }),
    DATA_SOURCE_USER: literal(role),
    DATA_SOURCE_PASS_FILE: path("file", "password"),
  };
  return freeze(
    server(name, options, {
      part: "postgres-exporter",
      line: "0",
      program: "postgres_exporter",
      args: [concat("--web.listen-address=", bind("metrics")), "--collector.stat_checkpointer"],
      ports: [stackPort("metrics", 0)],
      files: [{ name: "password", content: password, mode: 0o600 }],
      provision: [
        { kind: "postgres-role", role, password },
        { kind: "postgres-membership", role, memberOf: "pg_monitor" },
      ],
      provisionIn: of.name,
      after: [{ resource: `${name}-provision`, strength: "needs", condition: "completed" }],
      metrics: [{ port: "metrics", path: "/metrics", list: postgresMetrics, of: of.name }],
      alerts: postgresAlerts(of.name, {
        replicas: of.readReplicas.map((replica) => replicationRole(replica.name)),
        archives: of.archives,
      }),
      panels: postgresPanels(of.name),
      // Not of the store: it answers, and says so, while the store is down.
      probe: { kind: "http", port: "metrics", path: "/" },
      process: { env },
      container: {
        env,
        user: { uid: 65_534, gid: 65_534 },
        ports: { metrics: 9187 },
        health: wgetHealth(9187, "/"),
      },
    }),
  );
}
