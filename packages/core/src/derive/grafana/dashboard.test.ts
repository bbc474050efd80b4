import { parser } from "@prometheus-io/lezer-promql";
import { describe, expect, it } from "vitest";
import { yamlText } from "../../components/config-text.ts";
import { loki } from "../../components/monitoring/loki.ts";
import { prometheus } from "../../components/monitoring/prometheus.ts";
import { victoriaMetrics } from "../../components/monitoring/victoriametrics.ts";
import { postgresPanels } from "../../components/metrics/postgres-panels.ts";
import { literal } from "../../model/expression.ts";
import { queryProblems } from "../../promql/check.ts";
import { podStack } from "../../targets/testing/pod-stack.ts";
import { monitoredStack } from "../monitoring/testing/monitored-stack.ts";
import { textOf } from "../monitoring/testing/text-of.ts";
import { dashboardJson, dataSources } from "./dashboard.ts";
import { dashboardProviderFile, dataSourceFile } from "./provisioning.ts";
import { grafanaFiles } from "./grafana-files.ts";
import { dashboardRows } from "./rows.ts";
import { spanQueries } from "./span-queries.ts";

const resources = monitoredStack().map((each) =>
  each.name === "postgres-exporter" ? { ...each, panels: postgresPanels("postgres") } : each,
);
const rows = dashboardRows(resources);
const dashboard = dashboardJson("caisson-demo", "demo", rows);

interface Placed {
  readonly id: number;
  readonly gridPos: { readonly h: number; readonly w: number; readonly x: number; readonly y: number };
}

describe("the dashboard of a stack", () => {
  it("has rows for availability, for each program and for what resources declare", async () => {
    expect(rows.map(({ title }) => title)).toEqual(["Availability", "shop", "worker", "postgres"]);
    await expect(`${JSON.stringify(dashboard, undefined, 2)}\n`).toMatchFileSnapshot("golden/dashboard.json");
  });

  it("leaves out panels on metrics of what is off", () => {
    const off = resources.map((each) => (each.name === "postgres-exporter" ? { ...each, metrics: [] } : each));
    expect(dashboardRows(off).map(({ title }) => title)).toEqual(["Availability", "shop", "worker"]);
  });

  it("asks only what PromQL's grammar takes and what can answer", () => {
    const queries = rows.flatMap((row) => row.panels.flatMap((panel) => panel.queries.map(({ query }) => query)));
    expect(queries.flatMap(queryProblems)).toEqual([]);
    const expressions = [...JSON.stringify(dashboard).matchAll(/"expr":("(?:[^"\\]|\\.)*")/g)];
    expect(expressions).toHaveLength(queries.length);
    for (const [, text = '""'] of expressions) {
      parser.parse(JSON.parse(text) as string).iterate({
        enter: ({ type, from }) => expect(type.isError, `${text} at ${from}`).toBe(false),
      });
    }
  });

  it("asks for the lines of members of pods, and of the pods themselves", () => {
    const logs = loki("logs", {});
    const { files } = grafanaFiles(logs, { kind: "grafana", dashboards: "/" }, [...podStack().resources, logs]);
    const text = textOf(files.find(({ name }) => name === "dashboard.json")?.content ?? literal(""));
    expect(text).toContain('"expr":"{resource=~\\"core|users|gateway|experience|pages|mailer\\"}"');
  });

  it("has panels that neither share an id nor overlap", () => {
    const { panels } = dashboard as unknown as { panels: readonly Placed[] };
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const overlap = panels.flatMap(({ id, gridPos: a }) =>
      panels
        .filter(
          ({ id: other, gridPos: b }) =>
            other > id && a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h,
        )
        .map(({ id: other }) => `${id} and ${other}`),
    );
    expect(overlap).toEqual([]);
  });
});

describe("Grafana's provisioning", () => {
  const url = literal("http://x");

  it("links metric, trace and log", async () => {
    const urls = { prometheus: url, victoriametrics: url, loki: url, jaeger: url };
    const text = textOf(yamlText(dataSourceFile(urls, spanQueries(resources))));
    await expect(text).toMatchFileSnapshot("golden/datasources.yml");
    const uids = [...text.matchAll(/^ *-? ?uid: "(\w+)"/gm)].map(([, uid]) => uid);
    expect(uids).toEqual(Object.values(dataSources));
  });

  it("links to nothing that is not there", () => {
    const text = textOf(yamlText(dataSourceFile({ prometheus: url }, spanQueries(resources))));
    expect(text).not.toContain("jaeger");
    expect(text).not.toContain("loki");
    expect(text).not.toContain("victoriametrics");
  });

  it("asks of a span's resource what PromQL's grammar takes, with its tags and without", () => {
    const queries = spanQueries(resources);
    expect(queries).toHaveLength(3);
    for (const { query } of queries)
      for (const tags of ['resource="shop"', ""]) {
        const text = query.replace("$$__tags", () => tags);
        expect(text).not.toContain("$");
        parser
          .parse(text)
          .iterate({ enter: ({ type, from }) => expect(type.isError, `${text} at ${from}`).toBe(false) });
      }
  });

  it("asks nothing of a span's resource that nobody emits", () => {
    const none = resources.filter(({ kind }) => kind !== "service");
    expect(spanQueries(none)).toEqual([]);
    expect(textOf(yamlText(dataSourceFile({ prometheus: url, jaeger: url }, [])))).not.toContain("tracesToMetrics");
  });

  it("has the store that a Prometheus writes to, reached by Grafana, beside the Prometheus", () => {
    const { files, observes } = grafanaFiles(loki("x"), { kind: "grafana", dashboards: "/" }, [
      prometheus("prometheus"),
      victoriaMetrics("victoria"),
    ]);
    const text = textOf(files.find(({ name }) => name === "datasources.yml")?.content ?? literal(""));
    expect([...text.matchAll(/^ *url: "(.+)"/gm)].map(([, address]) => address)).toEqual([
      "http://prometheus:9000",
      "http://victoria:9000",
    ]);
    expect(observes.toSorted()).toEqual(["prometheus", "victoria"]);
  });

  it("names the folder of the dashboards", async () => {
    await expect(textOf(yamlText(dashboardProviderFile(literal("/etc/caisson/dashboards"))))).toMatchFileSnapshot(
      "golden/dashboards.yml",
    );
  });
});
