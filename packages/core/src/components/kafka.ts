import type { Problem } from "../errors/problem.ts";
import { concat, literal, texts, type Expression } from "../model/expression.ts";
import { freeze } from "../model/freeze.ts";
import { devPort, stackPort } from "../model/ports.ts";
import { toBytes, toMs, type Duration, type Size } from "../model/quantity.ts";
import type { Resource } from "../model/resource.ts";
import { secret } from "../model/secret.ts";
import type { Value } from "../model/value.ts";
import { kafkaTopics } from "./kafka-topics.ts";
import { self } from "./self.ts";
import { server, type ServerOptions } from "./server.ts";

/** A topic, made before anything that needs the cluster starts. */
export interface KafkaTopic {
  /** Default 6. */
  readonly partitions?: number;
  /** Default: the cluster's `replication`. */
  readonly replication?: number;
  /** How long messages are kept. Default `168h`. */
  readonly retention?: Duration;
  /** Default: by age alone. */
  readonly retentionSize?: Size;
}

/** Options of a Kafka cluster; limits are those of one broker. */
export interface KafkaOptions extends ServerOptions {
  /** Brokers, each a controller too; an odd number. Default 3. */
  readonly brokers?: number;
  /** Copies of each partition. Default 3, or the brokers where they are fewer. */
  readonly replication?: number;
  /** Copies that must have a message before it counts as written. Default 2, one less than `replication`. */
  readonly minInSync?: number;
  readonly topics?: Readonly<Record<string, KafkaTopic>>;
  /** Memory of the Java heap. Default `1GB`, at most half the limit: the rest is the page cache's. */
  readonly heap?: Size;
  /** Of the first broker; the next have the next. Default 9092. */
  readonly port?: number;
}

/** A Kafka cluster: its resources go into the stack, `bootstrap` into a client's configuration. */
export interface Kafka {
  readonly name: string;
  readonly resources: readonly Resource[];
  readonly brokers: readonly Resource[];
  /** Copies that must have a message before it counts as written. */
  readonly minInSync: number;
  readonly bootstrap: Value<"text">;
}

/** Kafka without ZooKeeper: each node is broker and controller; nothing makes topics but the stack. */
export function kafka(name: string, options: KafkaOptions = {}): Kafka {
  const count = options.brokers ?? 3;
  const names = Array.from({ length: count }, (_, index) => `${name}-${index + 1}`);
  const brokers = names.map((broker, index) => brokerOf(name, broker, index, names, options));
  const bootstrap = concat(
    ...names.flatMap((broker, index): (string | Expression)[] => [
      index > 0 ? "," : "",
      { kind: "ref", resource: broker, output: "address" },
    ]),
  );
  const { replication, minInSync } = copiesOf(count, options);
  const topics =
    Object.keys(options.topics ?? {}).length === 0 ? [] : [kafkaTopics(name, bootstrap, replication, options)];
  return freeze({ name, brokers, resources: [...brokers, ...topics], minInSync, bootstrap });
}

function brokerOf(
  name: string,
  broker: string,
  index: number,
  names: readonly string[],
  options: KafkaOptions,
): Resource {
  const { address, path } = self(broker);
  const heap = toBytes(options.heap ?? "1GB") / 1024 ** 2;
  return server(broker, options, {
    part: "kafka",
    line: "4",
    program: "kafka",
    args: [],
    ports: [devPort("kafka", (options.port ?? 9092) + index, "kafka"), stackPort("controller", 0, "tcp")],
    files: [{ name: "cluster-id", content: secret(`${name}-cluster-id`, { bytes: 16 }), mode: 0o600 }],
    volumes: [{ name: "data", dataMajor: 4 }],
    probe: { kind: "kafka", port: "kafka" },
    container: {
      // The image's own default would be one id for every cluster of the world.
      entrypoint: texts("sh", "-c"),
      command: [concat('CLUSTER_ID="$(cat ', path("file", "cluster-id"), ')" exec /etc/kafka/docker/run')],
      env: {
        ...brokerSettings(index, broker, names, options),
        KAFKA_HEAP_OPTS: literal(`-Xms${heap}m -Xmx${heap}m`),
      },
      user: { uid: 1000, gid: 1000 },
      // Its start script writes its configuration there.
      tmpfs: [{ path: "/opt/kafka/config" }, { path: "/opt/kafka/logs" }],
      mounts: [{ volume: "data", path: "/var/lib/kafka/data", ownedByImage: true }],
      ports: { kafka: 9092, controller: 9093 },
      ulimits: { nofile: { soft: 100_000, hard: 100_000 } },
      health: { argv: texts("nc", "-z", "127.0.0.1", "9092"), weak: true },
    },
    // Moves its leaders to others first.
    stop: { signal: "SIGTERM", graceMs: 120_000 },
    problems: index === 0 ? clusterProblems(name, names.length, options) : [],
    outputs: {
      address: {
        type: "text",
        value: address("kafka"),
        strength: "needs",
        condition: "healthy",
      },
    },
  });
}

function brokerSettings(
  index: number,
  broker: string,
  names: readonly string[],
  options: KafkaOptions,
): Record<string, Expression> {
  const { address, bind } = self(broker);
  const { replication, minInSync } = copiesOf(names.length, options);
  const copies = String(replication);
  const least = String(minInSync);
  const voters = names.flatMap((each, voter): (string | Expression)[] => [
    `${voter > 0 ? "," : ""}${voter + 1}@`,
    self(each).address("controller"),
  ]);
  const settings = {
    KAFKA_NODE_ID: String(index + 1),
    KAFKA_PROCESS_ROLES: "broker,controller",
    KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: "INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT",
    KAFKA_CONTROLLER_LISTENER_NAMES: "CONTROLLER",
    KAFKA_INTER_BROKER_LISTENER_NAME: "INTERNAL",
    // Without it the data is in /tmp as soon as any other setting is given.
    KAFKA_LOG_DIRS: "/var/lib/kafka/data",
    KAFKA_AUTO_CREATE_TOPICS_ENABLE: "false",
    KAFKA_DEFAULT_REPLICATION_FACTOR: copies,
    KAFKA_MIN_INSYNC_REPLICAS: least,
    KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: copies,
    KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: copies,
    KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: least,
    KAFKA_SHARE_COORDINATOR_STATE_TOPIC_REPLICATION_FACTOR: copies,
    KAFKA_SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR: least,
    KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: "0",
    KAFKA_LOG_RETENTION_HOURS: "168",
  };
  return {
    ...Object.fromEntries(Object.entries(settings).map(([key, value]) => [key, literal(value)])),
    KAFKA_LISTENERS: concat("INTERNAL://", bind("kafka"), ",CONTROLLER://", bind("controller")),
    KAFKA_ADVERTISED_LISTENERS: concat("INTERNAL://", address("kafka")),
    KAFKA_CONTROLLER_QUORUM_VOTERS: concat(...voters),
  };
}

/** Copies of a partition and how many of them must have a message. */
function copiesOf(count: number, options: KafkaOptions): { readonly replication: number; readonly minInSync: number } {
  const replication = options.replication ?? Math.min(3, count);
  return { replication, minInSync: options.minInSync ?? Math.max(1, replication - 1) };
}

function clusterProblems(name: string, count: number, options: KafkaOptions): Problem[] {
  const { replication, minInSync } = copiesOf(count, options);
  const heap = toBytes(options.heap ?? "1GB");
  const limit = options.limits?.memory === undefined ? undefined : toBytes(options.limits.memory);
  const problem = (path: string, message: string): Problem => ({ code: "E_VALUE", path: `${name}/${path}`, message });
  return [
    ...(count % 2 === 1
      ? []
      : [problem("brokers", `expected an odd number, for a majority must be left, got ${count}`)]),
    ...(replication <= count
      ? []
      : [problem("replication", `expected at most the ${count} brokers there are, got ${replication}`)]),
    ...(minInSync <= replication
      ? []
      : [problem("minInSync", `expected at most the ${replication} copies there are, got ${minInSync}`)]),
    ...(limit === undefined || heap * 2 <= limit
      ? []
      : [problem("heap", `expected at most half the memory limit of ${limit} bytes, got ${heap}`)]),
    ...Object.entries(options.topics ?? {}).flatMap(
      ([topic, { partitions = 6, replication: copies = replication, retention }]) => [
        ...(/^[A-Za-z0-9._-]{1,249}$/.test(topic) && topic !== "." && topic !== ".."
          ? []
          : [
              problem(
                `topics/${topic}`,
                `expected letters, digits, ., - and _ as a topic's name, got ${JSON.stringify(topic)}`,
              ),
            ]),
        ...(Number.isInteger(partitions) && partitions >= 1
          ? []
          : [problem(`topics/${topic}/partitions`, `expected a whole number from 1, got ${partitions}`)]),
        ...(copies <= count
          ? []
          : [problem(`topics/${topic}/replication`, `expected at most the ${count} brokers there are, got ${copies}`)]),
        ...(retention === undefined || toMs(retention) > 0
          ? []
          : [problem(`topics/${topic}/retention`, `expected more than nothing, got ${retention}`)]),
      ],
    ),
  ];
}
