import { counter, gauge } from "../../model/metric.ts";
import type { Alert, MetricList, PanelRow } from "../../model/monitoring.ts";
import { counts, increase, level, max, rate, ratio, sum } from "../../promql/build.ts";
import { down } from "./down.ts";

/** What the broker says of itself, by its topic below `$SYS/broker/`. */
export const mosquittoTopics = {
  clients: "clients/connected",
  subscriptions: "subscriptions/count",
  retained: "retained messages/count",
  stored: "store/messages/bytes",
  received: "publish/messages/received",
  sent: "publish/messages/sent",
  dropped: "publish/messages/dropped",
  bytesReceived: "bytes/received",
  bytesSent: "bytes/sent",
} as const;

type Topic = (typeof mosquittoTopics)[keyof typeof mosquittoTopics];

/** Both bear the topic. */
const labels = ["sensor", "topic"] as const;

/** The exporter names what it is told to: these are the names that dashboards for this broker have always used. */
function nameOf(topic: Topic): string {
  return `broker_${topic.replaceAll(/[/ ]/g, "_")}`;
}

const held = (topic: Topic, help: string) => gauge(nameOf(topic), labels, help);
const grown = (topic: Topic, help: string) => counter(nameOf(topic), labels, help);

const up = gauge("mqtt2prometheus_connected", [], "1 while it is connected to the broker");

/** mqtt2prometheus 0.1: what alerts and panels use of it. */
export const mosquittoMetrics = {
  program: "mqtt2prometheus",
  version: "0.1",
  origin: "captured",
  up,
  metrics: {
    up,
    clients: held(mosquittoTopics.clients, "Clients that are connected"),
    subscriptions: held(mosquittoTopics.subscriptions, "Subscriptions"),
    retained: held(mosquittoTopics.retained, "Messages kept for whoever subscribes"),
    stored: held(mosquittoTopics.stored, "Bytes of messages that are kept, or wait for a client"),
    received: grown(mosquittoTopics.received, "Messages published to the broker"),
    sent: grown(mosquittoTopics.sent, "Messages the broker passed on"),
    dropped: grown(mosquittoTopics.dropped, "Messages dropped because too many waited for a client"),
    bytesReceived: grown(mosquittoTopics.bytesReceived, "Bytes received"),
    bytesSent: grown(mosquittoTopics.bytesSent, "Bytes sent"),
  },
} as const satisfies MetricList;

const { metrics } = mosquittoMetrics;

/** Alerts on a Mosquitto that an exporter looks at; `connections`: the most that one of its listeners takes. */
export function mosquittoAlerts(of: string, { connections }: { readonly connections?: number } = {}): Alert[] {
  const where = { resource: of };
  const from = { job: "exporter", instance: "a", resource: of };
  const series = ({ name }: { readonly name: string }) => ({ ...from, sensor: name, topic: name });
  return [
    down("MosquittoDown", of, metrics.up),
    {
      name: "MosquittoMessagesDropped",
      of,
      severity: "warning",
      value: sum(increase(counts(metrics.dropped, where), "15m"), ["resource"]),
      op: ">",
      threshold: 0,
      for: "0s",
      summary: `${of} dropped messages: more waited for a client than maxQueued.`,
      action: `Look for a client that is too slow or gone for good; raise maxQueued where it may fall behind.`,
      example: [{ metric: metrics.dropped, labels: series(metrics.dropped), quiet: 0, alarm: 10 }],
    },
    ...(connections === undefined
      ? []
      : [
          {
            name: "MosquittoConnectionsHigh",
            of,
            severity: "warning",
            value: ratio(max(level(metrics.clients, where), ["resource"]), connections),
            op: ">",
            threshold: 0.8,
            for: "5m",
            summary: `${of} has about as many clients as one of its listeners takes.`,
            action: "Raise maxConnections, or look for clients that connect twice.",
            example: [
              {
                metric: metrics.clients,
                labels: series(metrics.clients),
                quiet: Math.round(connections / 2),
                alarm: Math.ceil(connections * 0.9),
              },
            ],
          } satisfies Alert,
        ]),
  ];
}

/** Panels on a Mosquitto that an exporter looks at. */
export function mosquittoPanels(of: string): PanelRow[] {
  const where = { resource: of };
  const perSecond = (metric: typeof metrics.received) => sum(rate(counts(metric, where), "5m"));
  return [
    {
      title: of,
      panels: [
        {
          title: "Clients",
          kind: "timeseries",
          unit: "short",
          queries: [
            { legend: "connected", query: max(level(metrics.clients, where)) },
            { legend: "subscriptions", query: max(level(metrics.subscriptions, where)) },
          ],
        },
        {
          title: "Messages a second",
          kind: "timeseries",
          unit: "ops",
          queries: [
            { legend: "received", query: perSecond(metrics.received) },
            { legend: "sent", query: perSecond(metrics.sent) },
            { legend: "dropped", query: perSecond(metrics.dropped) },
          ],
        },
        {
          title: "Bytes a second",
          kind: "timeseries",
          unit: "Bps",
          queries: [
            { legend: "received", query: perSecond(metrics.bytesReceived) },
            { legend: "sent", query: perSecond(metrics.bytesSent) },
          ],
        },
        {
          title: "Retained messages",
          kind: "timeseries",
          unit: "short",
          queries: [{ legend: "retained", query: max(level(metrics.retained, where)) }],
        },
        {
          title: "Stored",
          kind: "timeseries",
          unit: "bytes",
          queries: [{ legend: "stored", query: max(level(metrics.stored, where)) }],
        },
      ],
    },
  ];
}
