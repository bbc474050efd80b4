import { Type } from "typebox";
import { postgresMetrics } from "../../../components/metrics/postgres-exporter.ts";
import { defineProgram } from "../../../model/define-program.ts";
import { secret } from "../../../model/secret.ts";
import { counter, histogram } from "../../../model/metric.ts";
import { baseResource } from "../../../model/resource-defaults.ts";
import type { Resource } from "../../../model/resource.ts";
import { service } from "../../../model/service.ts";
import { counts, increase, sum } from "../../../promql/build.ts";

const orders = counter("orders_total", ["result"], "Orders by what became of them");

export const shop = defineProgram({ url: "file:///shop/contract.ts" }, "shop", {
  config: Type.Object({}),
  http: { port: 8000 },
  metrics: { orders, cartSeconds: histogram("cart_seconds") },
});

/** A store's exporter, as a component of the catalogue declares one. */
export const exporter: Resource = {
  ...baseResource("component", "exporter", "postgres-exporter"),
  ports: [{ name: "http", number: 9187, protocol: "http", fixed: false, published: "never" }],
  metrics: [
    {
      port: "http",
      path: "/metrics",
      list: postgresMetrics,
      of: "postgres",
      every: "30s",
      basicAuth: { user: "prometheus", password: secret("exporter-password") },
    },
  ],
};

/** A Prometheus that watches a shop of three replicas, a worker without HTTP, an exporter and itself. */
export function monitoredStack(): Resource[] {
  const worker = defineProgram({ url: "file:///worker/contract.ts" }, "worker", { config: Type.Object({}) });
  return [
    service(shop, {
      config: {},
      replicas: 3,
      limits: { cpus: 0.5, memory: "512MB" },
      alerts: [
        {
          name: "OrdersRefused",
          severity: "warning",
          value: sum(increase(counts(orders, { result: "refused" }), "10m")),
          op: ">",
          threshold: 10,
          for: "5m",
          summary: "Orders are refused.",
          action: "caisson logs shop says why.",
          example: [
            {
              metric: orders,
              labels: { job: "shop", instance: "a", resource: "shop", result: "refused" },
              quiet: 0,
              alarm: 3,
            },
          ],
        },
      ],
    }),
    service(worker, { config: {} }),
    exporter,
    {
      ...baseResource("component", "prometheus", "prometheus"),
      ports: [{ name: "http", number: 9090, protocol: "http", fixed: false, published: "dev" }],
      metrics: [
        {
          port: "http",
          path: "/metrics",
          list: { program: "prometheus", version: "3", origin: "unverified", metrics: {} },
        },
      ],
      derives: {
        kind: "prometheus",
        config: { global: { scrape_interval: "15s", evaluation_interval: "15s" } },
        alerts: { "shop/ErrorsHigh": 0.01 },
      },
    },
  ];
}
