import { concat, encode, texts } from "../../model/expression.ts";
import { freeze } from "../../model/freeze.ts";
import { stackPort } from "../../model/ports.ts";
import type { Resource } from "../../model/resource.ts";
import { yamlText } from "../config-text.ts";
import { mosquittoAlerts, mosquittoMetrics, mosquittoPanels, mosquittoTopics } from "../metrics/mosquitto-exporter.ts";
import { healthUser, mosquittoPassword, type Mosquitto } from "../mosquitto.ts";
import { self } from "../self.ts";
import { server, type ServerOptions } from "../server.ts";

/** Options of a Mosquitto exporter. */
export interface MosquittoExporterOptions extends ServerOptions {
  readonly of: Mosquitto;
}

/**
 * A Mosquitto's clients, messages and bytes, from its own topics: logged in as the user that reads those and nothing else.
 * mqtt2prometheus, for it takes the password from a file; the exporters made for this broker want it in the environment.
 */
export function mosquittoExporter(name: string, options: MosquittoExporterOptions): Resource {
  const { at, path } = self(name);
  const { of } = options;
  const config = {
    mqtt: {
      server: concat("tcp://", self(of.name).address("mqtt")),
      user: healthUser,
      password: encode("json", mosquittoPassword(of.name, healthUser)),
      topic_path: "$SYS/broker/#",
      // It keeps one message of each of these.
      device_id_regex: "(?P<deviceid>.*)",
      metric_per_topic_config: { metric_name_regex: "^\\$SYS/broker/(?P<metricname>.*)$" },
    },
    // For good: the broker tells what changed only.
    cache: { timeout: "-1ns" },
    metrics: Object.entries(mosquittoTopics).map(([key, topic]) => {
      const { name: prometheusName, help, kind } = mosquittoMetrics.metrics[key as keyof typeof mosquittoTopics];
      return { prom_name: prometheusName, mqtt_name: topic, help, type: kind };
    }),
  };
  return freeze(
    server(name, options, {
      part: "mosquitto-exporter",
      line: "0",
      program: "mqtt2prometheus",
      args: [
        "-config",
        path("file", "exporter.yml"),
        "-listen-address",
        at("metrics", "bind"),
        "-listen-port",
        at("metrics", "port"),
      ],
      ports: [stackPort("metrics", 0)],
      files: [{ name: "exporter.yml", content: yamlText(config), mode: 0o600 }],
      // It answers nobody before it was let in for the first time, and asks every ten seconds only.
      after: [{ resource: of.name, strength: "needs", condition: "healthy" }],
      metrics: [
        {
          port: "metrics",
          path: "/metrics",
          list: mosquittoMetrics,
          of: of.name,
          // Its own are those of the last change, and end a series that does not change.
          timestamps: "scrape",
        },
      ],
      alerts: mosquittoAlerts(of.name, { ...(of.connections !== undefined && { connections: of.connections }) }),
      panels: mosquittoPanels(of.name),
      probe: { kind: "http", port: "metrics", path: "/metrics" },
      // No health check of the image's own: it has nothing that could run one.
      container: {
        entrypoint: texts("/mqtt2prometheus"),
        user: { uid: 65_534, gid: 65_534 },
        ports: { metrics: 9641 },
      },
    }),
  );
}
