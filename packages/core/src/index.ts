export { decodeConfig, type ConfigProblem, type DecodedConfig } from "./codec/decode-config.ts";
export { describeSchema } from "./codec/describe-schema.ts";
export { encodeConfig, fileText, type EncodedConfig } from "./codec/encode-config.ts";
export { decodeText, encodeText } from "./codec/text.ts";
export { envName } from "./codec/env-name.ts";
export { CaissonError, isCaissonError } from "./errors/caisson-error.ts";
export { nearest } from "./errors/nearest.ts";
export { throwProblems, type Problem } from "./errors/problem.ts";
export { errorTable, type ErrorCode } from "./errors/table.ts";
export { container, type Container, type ContainerOptions } from "./components/container.ts";
export { blackboxExporter, type BlackboxExporterOptions } from "./components/exporters/blackbox-exporter.ts";
export { cadvisor, type CadvisorOptions } from "./components/exporters/cadvisor.ts";
export { kafkaExporter, type KafkaExporterOptions } from "./components/exporters/kafka-exporter.ts";
export { mosquittoExporter, type MosquittoExporterOptions } from "./components/exporters/mosquitto-exporter.ts";
export { nginxExporter, type NginxExporterOptions } from "./components/exporters/nginx-exporter.ts";
export { nodeExporter } from "./components/exporters/node-exporter.ts";
export { postgresExporter, type PostgresExporterOptions } from "./components/exporters/postgres-exporter.ts";
export { redisExporter, type RedisExporterOptions } from "./components/exporters/redis-exporter.ts";
export { kafka, type Kafka, type KafkaOptions, type KafkaTopic } from "./components/kafka.ts";
export { alertmanager, type Alertmanager, type AlertmanagerOptions } from "./components/monitoring/alertmanager.ts";
export { alloy, type AlloyOptions } from "./components/monitoring/alloy.ts";
export { grafana, type Grafana, type GrafanaOptions } from "./components/monitoring/grafana.ts";
export { jaeger, type Jaeger, type JaegerOptions } from "./components/monitoring/jaeger.ts";
export { loki, type Loki, type LokiOptions } from "./components/monitoring/loki.ts";
export {
  otelCollector,
  type OtelCollector,
  type OtelCollectorOptions,
} from "./components/monitoring/otel-collector.ts";
export { prometheus, type Prometheus, type PrometheusOptions } from "./components/monitoring/prometheus.ts";
export { socketProxy, type SocketProxy } from "./components/monitoring/socket-proxy.ts";
export {
  victoriaMetrics,
  type VictoriaMetrics,
  type VictoriaMetricsOptions,
} from "./components/monitoring/victoriametrics.ts";
export { mosquitto, type Mosquitto, type MosquittoOptions, type MosquittoUser } from "./components/mosquitto.ts";
export { nginx, type Nginx, type NginxOptions } from "./components/nginx.ts";
export type { NginxRoute, NginxRoutes } from "./components/nginx/routes.ts";
export { postgres, type Postgres, type PostgresOptions } from "./components/postgres.ts";
export type { ReadReplica } from "./components/postgres/read-replicas.ts";
export type { PostgresTlsOptions } from "./components/postgres/tls.ts";
export type { PostgresTuning } from "./components/postgres/tuning.ts";
export { redisCluster, type RedisCluster, type RedisClusterOptions } from "./components/redis-cluster.ts";
export { redis, type Redis, type RedisOptions } from "./components/redis.ts";
export { s3, type Access, type Bucket, type S3, type S3Key, type S3Options } from "./components/s3/s3.ts";
export type { ServerOptions } from "./components/server.ts";
export type { TlsOptions } from "./components/tls.ts";
export { traefik, type Traefik, type TraefikOptions, type TraefikRoute } from "./components/traefik.ts";
export { imageReference, linesOf, release, type PartName, type Release } from "./components/versions.ts";
export type { AlertSetting, AlertSettings } from "./derive/monitoring/alerts-of.ts";
export { stackDocs } from "./derive/docs/stack-docs.ts";
export { graphMermaid } from "./derive/graph-mermaid.ts";
export { graphSvg } from "./derive/graph-svg.ts";
export { graphText } from "./derive/graph-text.ts";
export type { Graph } from "./derive/graph.ts";
export { startOrder, type StartStep } from "./derive/order.ts";
export { waterfall, waterfallText, type UnitTiming, type Waterfall, type WaterfallRow } from "./derive/waterfall.ts";
export { why, type WhyResource, type WhySnapshot } from "./derive/why.ts";
export type { AmountOptions, Amounts } from "./model/amounts.ts";
export type { ConfigInput } from "./model/config-input.ts";
export {
  HttpUrl,
  MqttUrl,
  PostgresUrl,
  RedisClusterUrl,
  RedisUrl,
  SecretText,
  type ConfigOf,
  type ConfigSchema,
  type HttpContract,
  type Metric,
  type MetricKind,
  type Metrics,
  type Program,
} from "./model/contract.ts";
export { certificate, type Certificate } from "./model/certificate.ts";
export type {
  ContainerFacet,
  ContainerFile,
  ContainerHealth,
  ContainerImage,
  ContainerMount,
  ContainerTmpfs,
  ContainerUser,
  LogRotation,
} from "./model/container.ts";
export { defineProgram, type ProgramOptions } from "./model/define-program.ts";
export type { Edge } from "./model/edge.ts";
export {
  concat,
  encode,
  literal,
  walk,
  type AddressPart,
  type EncodeOp,
  type Expression,
  type Json,
  type PathOf,
  type SecretSource,
  type Strength,
} from "./model/expression.ts";
export { external, type External } from "./model/external.ts";
export { command, job, schedule, type JobOptions, type ScheduleOptions } from "./model/job.ts";
export { kitMetrics, processMetrics, type KitMetrics } from "./model/kit-metrics.ts";
export { spanResource } from "./model/span-resource.ts";
export { counter, gauge, histogram, secondsBuckets } from "./model/metric.ts";
export type { Alert, ExampleSeries, MetricList, MetricsFacet, Panel, PanelRow, Severity } from "./model/monitoring.ts";
export { file, type ModuleFile, type ModuleMeta } from "./model/module-file.ts";
export { optional, type Optional } from "./model/optional.ts";
export { planned } from "./model/planned.ts";
export { pod, type Pod, type PodOptions } from "./model/pod.ts";
export { type ScaleOptions } from "./model/scale.ts";
export { toBytes, toMs, type Duration, type Size } from "./model/quantity.ts";
export type { ResolvedStack, Skipped } from "./model/resolved.ts";
export type {
  Condition,
  Dependency,
  FileSlot,
  Port,
  Probe,
  ProbeTiming,
  ProvisionStep,
  Resource,
  ResourceKind,
  RestartPolicy,
  ScheduleSpec,
  StopPolicy,
  Volume,
} from "./model/resource.ts";
export { defaultProbePaths } from "./model/probe-paths.ts";
export { secret, type SecretOptions } from "./model/secret.ts";
export { service, type Service, type ServiceOptions } from "./model/service.ts";
export {
  defineStack,
  network,
  profile,
  type ParamsSchema,
  type Profile,
  type StackDefinition,
  type StackItem,
} from "./model/stack.ts";
export { asValue, needs, uses, type Presence, type Value, type ValueKind } from "./model/value.ts";
export { follow, tainted } from "./resolve/follow.ts";
export { declaredSecrets, type DeclaredSecret } from "./resolve/declared-secrets.ts";
export { slots } from "./resolve/edges.ts";
export { noParamSources, type ParamSources } from "./resolve/params.ts";
export { dropResources } from "./resolve/drop-resources.ts";
export { resolveStack, type ResolveOptions } from "./resolve/resolve-stack.ts";
export { Type, type Static } from "typebox";
export { checkCapacity, type HostCapacity } from "./plan/capacity.ts";
export { endOfLifeWarnings } from "./plan/end-of-life.ts";
export { unheardAlerts } from "./plan/unheard-alerts.ts";
export { dataId } from "./plan/data-id.ts";
export { actionWords, formatPlan } from "./plan/format-plan.ts";
export { emptySystem, reduce } from "./plan/lifecycle.ts";
export { conditionOf, hasEnded, statusOf, type Verdict } from "./plan/lifecycle/status.ts";
export type { System } from "./plan/lifecycle/system.ts";
export type * from "./plan/lifecycle-types.ts";
export type * from "./plan/plan-types.ts";
export { reconcile } from "./plan/reconcile.ts";
export { freshSchedule, scheduleStep, type ScheduleDecision, type ScheduleState } from "./plan/schedule.ts";
export type { Artifact } from "./targets/artifact.ts";
export type { StackImage } from "./targets/compose/context.ts";
export { composeSecrets, renderCompose, type Bundle } from "./targets/compose/render-compose.ts";
export type { BundleSecrets } from "./targets/compose/secrets.ts";
export { stackNetworks, type Network } from "./targets/container/networks.ts";
export { type PodDocument, type PodMember } from "./targets/container/pod-document.ts";
export { gatherPods } from "./targets/container/pods.ts";
export { containerLaunches } from "./targets/container/run-launch.ts";
export { innerPort } from "./targets/container/places.ts";
export {
  processLaunch,
  type ContainerLaunchFacts,
  type ContainerNetwork,
  type Launch,
} from "./targets/process/launch.ts";
export { nodeArguments } from "./targets/process/node-arguments.ts";
export { renderSwarm } from "./targets/swarm/render-swarm.ts";
