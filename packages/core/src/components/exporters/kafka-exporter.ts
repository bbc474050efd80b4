import { concat } from "../../model/expression.ts";
import { freeze } from "../../model/freeze.ts";
import { stackPort } from "../../model/ports.ts";
import type { Resource } from "../../model/resource.ts";
import type { Kafka } from "../kafka.ts";
import { kafkaAlerts, kafkaMetrics, kafkaPanels } from "../metrics/kafka-exporter.ts";
import { self } from "../self.ts";
import { server, wgetHealth, type ServerOptions } from "../server.ts";

/** Options of a Kafka exporter. */
export interface KafkaExporterOptions extends ServerOptions {
  readonly of: Kafka;
}

/** Brokers, partitions, replicas in sync and the lag of consumer groups. */
export function kafkaExporter(name: string, options: KafkaExporterOptions): Resource {
  const { bind } = self(name);
  const servers = options.of.brokers.map((broker) => concat("--kafka.server=", self(broker.name).address("kafka")));
  return freeze(
    server(name, options, {
      part: "kafka-exporter",
      line: "1",
      program: "kafka_exporter",
      args: [
        ...servers,
        // Its own default is a protocol that Kafka 4 no longer speaks.
        "--kafka.version=3.9.0",
        concat("--web.listen-address=", bind("metrics")),
      ],
      ports: [stackPort("metrics", 0)],
      metrics: [{ port: "metrics", path: "/metrics", list: kafkaMetrics }],
      alerts: kafkaAlerts(name, { brokers: options.of.brokers.length, minInSync: options.of.minInSync }),
      panels: kafkaPanels(name),
      probe: { kind: "http", port: "metrics", path: "/metrics" },
      container: { user: { uid: 65_534, gid: 65_534 }, ports: { metrics: 9308 }, health: wgetHealth(9308, "/metrics") },
    }),
  );
}
