import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { alertsOf } from "../../derive/monitoring/alerts-of.ts";
import { ruleTests } from "../../derive/monitoring/rule-tests.ts";
import { ruleFile } from "../../derive/monitoring/rules.ts";
import { textOf } from "../../derive/monitoring/testing/text-of.ts";
import type { Alert, MetricList, PanelRow } from "../../model/monitoring.ts";
import { baseResource } from "../../model/resource-defaults.ts";
import type { Resource } from "../../model/resource.ts";
import { problemsOf } from "../../resolve/testing/problems-of.ts";
import { yamlText } from "../config-text.ts";
import { blackboxMetrics, probeAlerts, probePanels } from "./blackbox-exporter.ts";
import { cadvisorMetrics, cadvisorRename, containerAlerts, containerPanels } from "./cadvisor.ts";
import { hostAlerts, nodeMetrics } from "./node-exporter.ts";
import { alertmanagerAlerts, alertmanagerMetrics } from "./alertmanager.ts";
import { prometheusAlerts, prometheusMetrics } from "./prometheus.ts";
import { kafkaAlerts, kafkaMetrics, kafkaPanels } from "./kafka-exporter.ts";
import { collectorAlerts, collectorMetrics } from "./otel-collector.ts";
import { lokiAlerts, lokiMetrics } from "./loki.ts";
import { victoriaMetricsAlerts, victoriaMetricsMetrics } from "./victoriametrics.ts";
import { seaweedfsAlerts, seaweedfsMetrics, seaweedfsPanels } from "./seaweedfs.ts";
import { traefikAlerts, traefikMetrics, traefikPanels } from "./traefik.ts";
import { mosquittoAlerts, mosquittoMetrics, mosquittoPanels } from "./mosquitto-exporter.ts";
import { nginxAlerts, nginxMetrics, nginxPanels } from "./nginx-exporter.ts";
import { postgresAlerts } from "./postgres-alerts.ts";
import { postgresMetrics } from "./postgres-exporter.ts";
import { postgresPanels } from "./postgres-panels.ts";
import { redisAlerts, redisMetrics, redisPanels } from "./redis-exporter.ts";

const emitter = (
  name: string,
  list: MetricList,
  alerts: readonly Alert[],
  panels: readonly PanelRow[] = [],
): Resource => ({
  ...baseResource("component", "exporter", name),
  ports: [{ name: "metrics", number: 0, protocol: "http", fixed: false, published: "never" }],
  metrics: [{ port: "metrics", path: "/metrics", list, ...(name === "cadvisor" && { rename: cadvisorRename }) }],
  alerts,
  panels,
});

const everything = { replicas: ["postgres_replica_1"], archives: true, statements: true };

const emitters = [
  emitter(
    "postgres-exporter",
    postgresMetrics,
    postgresAlerts("postgres", everything),
    postgresPanels("postgres", everything),
  ),
  emitter("redis-exporter", redisMetrics, redisAlerts("redis", { keeps: true }), redisPanels("redis")),
  emitter("cache-exporter", redisMetrics, redisAlerts("cache", { keeps: false })),
  emitter("node-of-cluster-exporter", redisMetrics, redisAlerts("sessions-1", { keeps: true, cluster: true })),
  emitter("node-exporter", nodeMetrics, hostAlerts("node-exporter")),
  emitter("cadvisor", cadvisorMetrics, containerAlerts("cadvisor")),
  emitter("prometheus", prometheusMetrics, prometheusAlerts("prometheus", { delivers: true })),
  emitter("loki", lokiMetrics, lokiAlerts("loki")),
  emitter("victoriametrics", victoriaMetricsMetrics, victoriaMetricsAlerts("victoriametrics")),
  emitter("alertmanager", alertmanagerMetrics, alertmanagerAlerts("alertmanager")),
  emitter("nginx-exporter", nginxMetrics, nginxAlerts("nginx", 1024), nginxPanels("nginx")),
  emitter(
    "mosquitto-exporter",
    mosquittoMetrics,
    mosquittoAlerts("mosquitto", { connections: 1000 }),
    mosquittoPanels("mosquitto"),
  ),
  emitter(
    "kafka-exporter",
    kafkaMetrics,
    kafkaAlerts("kafka-exporter", { brokers: 3, minInSync: 2 }),
    kafkaPanels("kafka-exporter"),
  ),
  emitter("collector", collectorMetrics, collectorAlerts("collector")),
  emitter("cadvisor-panels", cadvisorMetrics, [], containerPanels("cadvisor")),
  emitter("traefik", traefikMetrics, traefikAlerts("traefik", { tls: true }), traefikPanels("traefik")),
  emitter("seaweedfs", seaweedfsMetrics, seaweedfsAlerts("seaweedfs"), seaweedfsPanels("seaweedfs")),
  emitter("blackbox", blackboxMetrics, probeAlerts("edge", { tls: true }), probePanels("edge")),
];

describe("the alerts and panels of the catalogue's metric lists", () => {
  it("use metrics of their lists only, with labels those have", () => {
    expect(problemsOf(emitters)).toEqual([]);
  });

  const promtool = spawnSync("promtool", ["--version"]).status === 0;

  const alerting = emitters.flatMap((each) => ((each.alerts ?? []).length > 0 ? [[each.name, each] as const] : []));

  it.skipIf(!promtool).each(alerting)("each fire and clear, says promtool: %s", (_, resource) => {
    const folder = mkdtempSync(join(tmpdir(), "caisson-alerts-"));
    try {
      // Those of the scrapes themselves are shown with the files of a Prometheus.
      const own = new Set((resource.alerts ?? []).map(({ name }) => name));
      const alerts = alertsOf([resource]).filter(({ name }) => own.has(name));
      expect(alerts).toHaveLength(own.size);
      writeFileSync(join(folder, "rules.yml"), textOf(yamlText(ruleFile([resource], alerts))));
      writeFileSync(join(folder, "tests.yml"), textOf(yamlText(ruleTests(alerts, ["rules.yml"]))));
      const run = (...args: string[]) => spawnSync("promtool", args, { cwd: folder, encoding: "utf8" });
      const checked = run("check", "rules", "--lint=all", "--lint-fatal", "rules.yml");
      expect(checked.stdout + checked.stderr).toContain("SUCCESS");
      const { status, stdout, stderr } = run("test", "rules", "tests.yml");
      expect(stdout + stderr).toContain("SUCCESS");
      expect(status).toBe(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
