import {
  alertmanager,
  container,
  defineStack,
  prometheus,
  type AlertSettings,
  type Resource,
  type StackItem,
} from "@caisson/core";
import definition from "../stack.ts";

/**
 * What the test sets of alerts, so that real metrics cross thresholds and nobody waits for minutes: rules, scrapes and
 * metrics are the stack's own. What is critical silences the warning about the same, so the warning is told first.
 */
const alerts: AlertSettings = {
  TargetDown: { for: "0s" },
  AvailabilityLow: { for: "0s" },
  OutagesMany: { threshold: 0, for: "0s" },
  AvailabilityMissed: { for: "20s" },
  CpuHigh: { threshold: 0, for: "0s" },
  MemoryHigh: { threshold: 0.01, for: "0s" },
  ErrorsHigh: { for: "0s" },
  LatencyHigh: { threshold: 0.0001, for: "0s" },
  PostgresDown: { for: "0s" },
  PostgresConnectionsHigh: { threshold: 0.01, for: "0s" },
  PostgresTransactionLong: { threshold: 1, for: "0s" },
  PostgresDeadlocks: { for: "0s" },
  PostgresCacheHitLow: { threshold: 1, for: "0s" },
  PostgresRollbacksHigh: { for: "0s" },
  PostgresCheckpointsForced: { for: "0s" },
  RedisDown: { for: "0s" },
  RedisMemoryHigh: { threshold: 0.0001, for: "0s" },
  RedisConnectionsHigh: { for: "0s" },
  RedisEvictions: { for: "0s" },
  RedisHitsLow: { threshold: 1, for: "0s" },
  NginxDown: { for: "0s" },
  NginxConnectionsHigh: { threshold: 0, for: "0s" },
  DiskLow: { threshold: 1, for: "0s" },
  DiskFilling: { threshold: 1, for: "0s" },
  DiskCritical: { threshold: 1, for: "4m" },
  InodesLow: { threshold: 1, for: "0s" },
  DiskBusy: { threshold: 0, for: "0s" },
  HostCpuHigh: { threshold: 0, for: "0s" },
  HostMemoryHigh: { threshold: 1, for: "0s" },
  HostOutOfMemory: { for: "0s" },
  ContainerMemoryHigh: { for: "0s" },
  ContainerCpuHigh: { for: "0s" },
  ContainerThrottled: { for: "0s" },
  ContainerRestarting: { threshold: 0 },
  // Their own rules, blocks and requests are right: no failure is more than -1.
  RulesFailing: { threshold: -1, for: "0s" },
  CompactionsFailing: { threshold: -1, for: "0s" },
  LokiPanics: { threshold: -1 },
  // It is not ready at once, and says so with a 503.
  LokiErrorsHigh: { threshold: 0, for: "0s" },
  // Their configuration is right: 1.
  ConfigurationRefused: { threshold: 2, for: "0s" },
  AlertsUnsent: { for: "0s" },
  NotificationsFailing: { for: "0s" },
  EventsWait: { threshold: 1, for: "0s" },
};

/**
 * Keeps what Alertmanager posts; the first message about a kill for want of memory is refused, as by a receiver that is set up
 * wrongly. By then Prometheus has seen that no message was.
 */
const script = `
const { createServer } = require("node:http");
const got = [];
let refused = false;
createServer((request, response) => {
  if (request.method === "GET") return response.end(JSON.stringify(got));
  let text = "";
  request.on("data", (piece) => (text += piece));
  request.on("end", () => {
    const { alerts } = JSON.parse(text);
    if (!refused && alerts.some(({ labels }) => labels.alertname === "HostOutOfMemory")) {
      refused = true;
      response.statusCode = 400;
      return response.end();
    }
    for (const { status, labels } of alerts) got.push(status + " " + labels.resource + "/" + labels.alertname);
    response.end();
  });
}).listen(8099);
`;

const receiver = container("receiver", {
  image: "node:24.21.0-trixie-slim",
  command: ["node", "-e", script],
  ports: { http: { number: 8099, public: true } },
  probe: { kind: "http", port: "http", path: "/" },
});

const notifier = alertmanager("alertmanager", { webhook: receiver.urls.http, gather: { first: "1s", more: "5s" } });
const scraper = prometheus("prometheus", { retention: "200h", interval: "5s", alertmanager: notifier, alerts });
const mine = new Map<string, Resource>([notifier, scraper].map((each) => [each.name, each]));

/** The stack with its alerts quick and its webhook in the stack. */
export default defineStack(
  definition.name,
  { params: definition.params, environments: definition.environments },
  (params) => [...definition.build(params as never).map(quick), receiver],
);

function quick(item: StackItem): StackItem {
  if (Array.isArray(item)) return (item as readonly StackItem[]).map(quick);
  const one = item as Exclude<StackItem, readonly StackItem[]>;
  if (one.kind === "profile") return { ...one, members: one.members.map((each) => mine.get(each.name) ?? each) };
  return one;
}
