import {
  alertmanager,
  alloy,
  cadvisor,
  grafana,
  kafkaExporter,
  loki,
  nodeExporter,
  postgresExporter,
  prometheus,
  redisExporter,
  secret,
  socketProxy,
  type Grafana,
  type Kafka,
  type Postgres,
  type Prometheus,
  type RedisCluster,
  type StackItem,
} from "@caisson/core";

/** Whose exporters there are. */
interface Watched {
  readonly db: Postgres;
  readonly cache: RedisCluster;
  readonly cluster: Kafka;
}

/** The document's monitoring: metrics, logs and alerts by mail, Slack and, where critical, PagerDuty. */
export function monitoring({ db, cache, cluster }: Watched): {
  readonly grafana: Grafana;
  readonly prometheus: Prometheus;
  readonly items: readonly StackItem[];
} {
  const engine = socketProxy("socket-proxy");
  const logs = loki("loki", { retention: "30d" });
  const charts = grafana("grafana");
  const provided = (name: string) => secret(name, { provided: true });
  const alerts = alertmanager("alertmanager", {
    // Its own is the second broker's.
    port: 10_093,
    email: {
      to: "devops@dreamscape.ai",
      from: "alerts@dreamscape.ai",
      smarthost: "smtp.dreamscape.ai:587",
      user: "alerts@dreamscape.ai",
      password: provided("smtp-password"),
    },
    slack: { webhook: provided("slack-webhook"), channel: "#dreamscape-alerts" },
    pagerduty: { routingKey: provided("pagerduty-key") },
  });
  const samples = prometheus("prometheus", { retention: "30d", alertmanager: alerts });
  return {
    grafana: charts,
    prometheus: samples,
    items: [
      engine,
      logs,
      alerts,
      charts,
      alloy("alloy", { loki: logs, engine }),
      samples,
      cadvisor("cadvisor", { engine }),
      nodeExporter("node-exporter"),
      kafkaExporter("kafka-exporter", { of: cluster }),
      postgresExporter("postgres-exporter", { of: db }),
      redisExporter("redis-exporter", { of: cache }),
    ],
  };
}
