import { containerFacet } from "../model/container-defaults.ts";
import { concat, literal, texts, type Expression } from "../model/expression.ts";
import { toBytes, toMs } from "../model/quantity.ts";
import { processFacet } from "../model/process-defaults.ts";
import { baseResource, defaultRestart } from "../model/resource-defaults.ts";
import type { Resource } from "../model/resource.ts";
import type { KafkaOptions, KafkaTopic } from "./kafka.ts";

/** The job that makes a cluster's topics, with the cluster's own tool: what exists is left as it is. */
export function kafkaTopics(name: string, bootstrap: Expression, replication: number, options: KafkaOptions): Resource {
  const commands = Object.entries(options.topics ?? {}).flatMap(([topic, settings]): (string | Expression)[] => [
    "/opt/kafka/bin/kafka-topics.sh --bootstrap-server ",
    bootstrap,
    ` --create --if-not-exists --topic ${topic}${flags({ replication, ...settings })}\n`,
  ]);
  return {
    ...baseResource("job", "kafka", `${name}-topics`),
    optional: options.optional ?? false,
    process: processFacet("kafka", 4),
    container: containerFacet({
      image: { kind: "catalogue", name: "kafka", line: "4" },
      entrypoint: texts("sh", "-ec"),
      command: [concat(...commands)],
      env: { KAFKA_HEAP_OPTS: literal("-Xmx128m") },
      user: { uid: 1000, gid: 1000 },
      tmpfs: [{ path: "/opt/kafka/logs" }],
    }),
    restart: { ...defaultRestart, policy: "on-failure", crashLoopAfter: 3 },
  };
}

function flags({ partitions = 6, replication, retention = "168h", retentionSize }: KafkaTopic): string {
  const size = retentionSize === undefined ? "" : ` --config retention.bytes=${toBytes(retentionSize)}`;
  return ` --partitions ${partitions} --replication-factor ${replication} --config retention.ms=${toMs(retention)}${size}`;
}
