import {
  alertmanager,
  asValue,
  blackboxExporter,
  cadvisor,
  mosquittoExporter,
  nodeExporter,
  postgresExporter,
  prometheus,
  socketProxy,
  type Mosquitto,
  type Postgres,
  type Resource,
  type VictoriaMetrics,
} from "@caisson/core";

/** What is watched, where samples go, and who hears of it. */
interface Watched {
  readonly db: Postgres;
  readonly events: Mosquitto;
  readonly victoria: VictoriaMetrics;
  readonly prometheusPort: number;
  readonly alertWebhook: string;
}

/** Metrics of the stores, the containers and the host, which the document wants tracked, and who is told of alerts. */
export function monitoring({ db, events, victoria, prometheusPort, alertWebhook }: Watched): Resource[] {
  const engine = socketProxy("socket-proxy");
  const alerts = alertmanager("alertmanager", {
    ...(alertWebhook !== "" && { webhook: asValue<"http-url">(alertWebhook) }),
  });
  return [
    mosquittoExporter("mosquitto-exporter", { of: events }),
    blackboxExporter("blackbox-exporter", { of: [events] }),
    postgresExporter("postgres-exporter", { of: db }),
    nodeExporter("node-exporter"),
    engine,
    cadvisor("cadvisor", { engine }),
    alerts,
    prometheus("prometheus", {
      port: prometheusPort,
      retention: "30d",
      remoteWrite: victoria.remoteWriteUrl,
      alertmanager: alerts,
    }),
  ];
}
