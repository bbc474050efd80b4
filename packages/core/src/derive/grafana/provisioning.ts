import type { Config } from "../../components/config-text.ts";
import type { Expression } from "../../model/expression.ts";
import { spanResource } from "../../model/span-resource.ts";
import { dataSources } from "./dashboard.ts";
import type { SpanQuery } from "./span-queries.ts";

/** Where Grafana's data sources are; what is not there has none. */
export interface DataSourceUrls {
  readonly prometheus?: Expression;
  readonly victoriametrics?: Expression;
  readonly loki?: Expression;
  readonly jaeger?: Expression;
}

/**
 * Grafana's data sources with links between them: from a metric's exemplar to its trace, from a span to the logs of its
 * resource and to what `queries` ask of it, from a log line to the trace it names. Only to what is there.
 */
export function dataSourceFile(
  { prometheus, victoriametrics, loki, jaeger }: DataSourceUrls,
  queries: readonly SpanQuery[],
): Config {
  const tags: Config = [{ key: spanResource, value: "resource" }];
  const source = (uid: keyof DataSourceUrls, name: string, url: Expression, jsonData: Config): Config => ({
    uid: dataSources[uid],
    name,
    // It speaks PromQL: Grafana needs no plugin for it.
    type: uid === "victoriametrics" ? "prometheus" : uid,
    access: "proxy",
    url,
    editable: false,
    isDefault: uid === "prometheus",
    jsonData,
  });
  return {
    apiVersion: 1,
    // What was provisioned once and is gone goes from Grafana too.
    prune: true,
    datasources: [
      ...(prometheus
        ? [
            source("prometheus", "Prometheus", prometheus, {
              httpMethod: "POST",
              ...(jaeger && {
                exemplarTraceIdDestinations: [{ name: "trace_id", datasourceUid: dataSources.jaeger }],
              }),
            }),
          ]
        : []),
      ...(victoriametrics
        ? [source("victoriametrics", "VictoriaMetrics", victoriametrics, { httpMethod: "POST" })]
        : []),
      ...(loki
        ? [
            source("loki", "Loki", loki, {
              ...(jaeger && {
                derivedFields: [
                  {
                    name: "trace",
                    // $ starts a variable in a provisioning file; two of them are one.
                    matcherRegex: '"trace_id":"(\\w+)"',
                    url: "$${__value.raw}",
                    datasourceUid: dataSources.jaeger,
                  },
                ],
              }),
            }),
          ]
        : []),
      ...(jaeger
        ? [
            source("jaeger", "Jaeger", jaeger, {
              ...(loki && {
                tracesToLogsV2: {
                  datasourceUid: dataSources.loki,
                  spanStartTimeShift: "-5m",
                  spanEndTimeShift: "5m",
                  tags,
                  filterByTraceID: true,
                },
              }),
              ...(prometheus &&
                queries.length > 0 && {
                  tracesToMetrics: {
                    datasourceUid: dataSources.prometheus,
                    spanStartTimeShift: "-15m",
                    spanEndTimeShift: "15m",
                    tags,
                    queries: queries.map((each) => ({ ...each })),
                  },
                }),
            }),
          ]
        : []),
    ],
  };
}

/** Tells Grafana where its dashboards are. */
export function dashboardProviderFile(folder: Expression): Config {
  return {
    apiVersion: 1,
    providers: [
      {
        name: "caisson",
        type: "file",
        disableDeletion: true,
        allowUiUpdates: false,
        updateIntervalSeconds: 30,
        options: { path: folder },
      },
    ],
  };
}
