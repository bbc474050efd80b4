import {
  alertmanager,
  asValue,
  cadvisor,
  grafana,
  nodeExporter,
  postgresExporter,
  prometheus,
  redisExporter,
  socketProxy,
  type AmountOptions,
  type Postgres,
  type Resource,
} from "@caisson/core";

/** What is watched, how, and who hears of it. */
interface Watched {
  readonly db: Postgres;
  readonly cache: Resource;
  readonly queue: Resource;
  readonly prometheusPort: number;
  readonly grafanaPort: number;
  readonly alertWebhook: string;
  readonly amounts: AmountOptions;
}

/** The document's metrics and dashboards, with what measures its stores and the host, and who is told of alerts. */
export function monitoring({ db, cache, queue, amounts, ...options }: Watched): Resource[] {
  const { prometheusPort, grafanaPort, alertWebhook } = options;
  const engine = socketProxy("socket-proxy", amounts);
  const alerts = alertmanager("alertmanager", {
    ...amounts,
    ...(alertWebhook !== "" && { webhook: asValue<"http-url">(alertWebhook) }),
  });
  return [
    alerts,
    prometheus("prometheus", { port: prometheusPort, retention: "30d", alertmanager: alerts, ...amounts }),
    grafana("grafana", { port: grafanaPort, ...amounts }),
    postgresExporter("postgres-exporter", { of: db, ...amounts }),
    redisExporter("cache-exporter", { of: cache, ...amounts }),
    redisExporter("redis-exporter", { of: queue, ...amounts }),
    nodeExporter("node-exporter", amounts),
    engine,
    cadvisor("cadvisor", { engine, ...amounts }),
  ];
}
