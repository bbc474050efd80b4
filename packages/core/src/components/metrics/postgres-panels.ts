import type { Panel, PanelRow } from "../../model/monitoring.ts";
import { calculate, counts, level, max, rate, ratio, sum, top } from "../../promql/build.ts";
import type { Query } from "../../promql/query.ts";
import { postgresMetrics, statementMean, type PostgresTraits } from "./postgres-exporter.ts";

const pg = postgresMetrics.metrics;

/** Panels on a PostgreSQL that an exporter looks at. */
export function postgresPanels(of: string, { replicas = [], statements = false }: PostgresTraits = {}): PanelRow[] {
  const where = { resource: of };
  const named = ["schemaname", "relname"] as const;
  const largest = (query: Query<(typeof named)[number]>) => [
    { legend: "{{schemaname}}.{{relname}}", query: top(10, query) },
  ];
  const live = level(pg.liveRows, where);
  const dead = level(pg.deadRows, where);
  const byIndex = sum(rate(counts(pg.indexScans, where), "5m"), ["datname"]);
  const whole = sum(rate(counts(pg.wholeScans, where), "5m"), ["datname"]);
  const hit = sum(rate(counts(pg.blocksHit, where), "5m"), ["datname"]);
  const read = sum(rate(counts(pg.blocksRead, where), "5m"), ["datname"]);
  return [
    {
      title: of,
      panels: [
        {
          title: "Connections",
          kind: "timeseries",
          unit: "short",
          queries: [
            { legend: "{{state}}", query: sum(level(pg.activity, where), ["state"]) },
            { legend: "limit", query: max(level(pg.maxConnections, where)) },
          ],
        },
        {
          title: "Transactions a second",
          kind: "timeseries",
          unit: "ops",
          queries: [
            { legend: "{{datname}} committed", query: sum(rate(counts(pg.commits, where), "5m"), ["datname"]) },
            { legend: "{{datname}} rolled back", query: sum(rate(counts(pg.rollbacks, where), "5m"), ["datname"]) },
          ],
        },
        {
          title: "Cache hits",
          kind: "timeseries",
          unit: "percentunit",
          queries: [{ legend: "{{datname}}", query: ratio(hit, calculate(hit, "+", read)) }],
        },
        {
          title: "Size",
          kind: "timeseries",
          unit: "bytes",
          queries: [{ legend: "{{datname}}", query: max(level(pg.databaseBytes, where), ["datname"]) }],
        },
        {
          title: "Longest transaction",
          kind: "timeseries",
          unit: "s",
          queries: [{ legend: "{{datname}}", query: max(level(pg.oldestTransaction, where), ["datname"]) }],
        },
        {
          title: "Largest tables",
          kind: "timeseries",
          unit: "bytes",
          queries: largest(max(level(pg.tableBytes, where), named)),
        },
        {
          title: "Largest indexes, by table",
          kind: "timeseries",
          unit: "bytes",
          queries: largest(max(level(pg.indexBytes, where), named)),
        },
        {
          // What a table would be smaller by if its dead rows took as much as its others.
          title: "Bloat, estimated",
          kind: "timeseries",
          unit: "bytes",
          queries: largest(
            max(calculate(level(pg.tableBytes, where), "*", ratio(dead, calculate(live, "+", dead))), named),
          ),
        },
        {
          title: "Scans by an index",
          kind: "timeseries",
          unit: "percentunit",
          queries: [{ legend: "{{datname}}", query: ratio(byIndex, calculate(byIndex, "+", whole)) }],
        },
        {
          title: "Scans of whole tables a second",
          kind: "timeseries",
          unit: "ops",
          queries: largest(sum(rate(counts(pg.wholeScans, where), "5m"), named)),
        },
        ...(statements
          ? [
              {
                title: "Slowest statements",
                kind: "timeseries",
                unit: "s",
                queries: [{ legend: "{{datname}} {{queryid}}", query: top(10, statementMean(of)) }],
              } satisfies Panel,
            ]
          : []),
        ...(replicas.length > 0
          ? [
              {
                title: "WAL not replayed",
                kind: "timeseries",
                unit: "bytes",
                queries: [
                  { legend: "{{application_name}}", query: max(level(pg.replayLag, where), ["application_name"]) },
                ],
              } satisfies Panel,
            ]
          : []),
      ],
    },
  ];
}
