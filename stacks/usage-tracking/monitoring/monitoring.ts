import {
  alertmanager,
  alloy,
  asValue,
  cadvisor,
  grafana,
  loki,
  nginxExporter,
  nodeExporter,
  postgresExporter,
  prometheus,
  redisExporter,
  socketProxy,
  type Nginx,
  type Postgres,
  type Resource,
} from "@caisson/core";

/** What is watched, and who hears of it. */
interface Watched {
  readonly db: Postgres;
  readonly cache: Resource;
  /** The Redis that holds acknowledged events, where one does. */
  readonly streams: readonly Resource[];
  readonly edge: Nginx;
  readonly alertWebhook: string;
}

/** Metrics, logs and alerts as the document has them: scrape jobs, rules and dashboards follow from the stack. */
export function monitoring({ db, cache, streams, edge, alertWebhook }: Watched): Resource[] {
  const logs = loki("loki");
  const engine = socketProxy("engine");
  const alerts = alertmanager("alertmanager", {
    ...(alertWebhook !== "" && { webhook: asValue<"http-url">(alertWebhook) }),
  });
  return [
    alerts,
    prometheus("prometheus", { retention: "200h", alertmanager: alerts }),
    grafana("grafana"),
    logs,
    engine,
    alloy("alloy", { loki: logs, engine }),
    cadvisor("cadvisor", { engine }),
    nodeExporter("node-exporter"),
    postgresExporter("postgres-exporter", { of: db }),
    redisExporter("redis-exporter", { of: cache }),
    ...streams.map((of) => redisExporter(`${of.name}-exporter`, { of })),
    nginxExporter("nginx-exporter", { of: edge }),
  ];
}
