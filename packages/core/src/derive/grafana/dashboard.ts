import type { Json } from "../../model/expression.ts";
import type { Panel, PanelRow } from "../../model/monitoring.ts";
import { promqlText } from "../../promql/text.ts";

/** Ids of the data sources, the same on every host: a dashboard finds them by these. */
export const dataSources = { prometheus: "prometheus", loki: "loki", jaeger: "jaeger" } as const;

/** Grafana's grid is 24 wide. */
const width = 8;
const height = 8;

/** A dashboard in Grafana's JSON (schema 39, which later versions read), rows of three panels beside each other. */
export function dashboardJson(uid: string, title: string, rows: readonly PanelRow[]): Json {
  let id = 0;
  let y = 0;
  const panels = rows.flatMap((row): Json[] => {
    const head: Json = {
      id: ++id,
      type: "row",
      title: row.title,
      collapsed: false,
      gridPos: { h: 1, w: 24, x: 0, y },
      panels: [],
    };
    y += 1;
    const placed = row.panels.map((panel, index): Json => {
      const [line, column] = [Math.floor(index / 3), index % 3];
      return panelJson(panel, ++id, { h: height, w: width, x: column * width, y: y + line * height });
    });
    y += Math.ceil(row.panels.length / 3) * height;
    return [head, ...placed];
  });
  return {
    uid,
    title,
    schemaVersion: 39,
    version: 1,
    editable: false,
    graphTooltip: 1,
    refresh: "30s",
    time: { from: "now-6h", to: "now" },
    timezone: "",
    tags: ["caisson"],
    templating: { list: [] },
    annotations: { list: [] },
    links: [],
    panels,
  };
}

function panelJson({ title, kind, unit, queries }: Panel, id: number, gridPos: Json): Json {
  const datasource = { type: "prometheus", uid: dataSources.prometheus };
  return {
    id,
    type: kind,
    title,
    datasource,
    gridPos,
    fieldConfig: { defaults: { unit, min: unit === "percentunit" ? 0 : null }, overrides: [] },
    options:
      kind === "timeseries"
        ? {
            legend: { displayMode: "list", placement: "bottom", showLegend: true },
            tooltip: { mode: "multi", sort: "desc" },
          }
        : {},
    targets: queries.map(({ legend, query }, index) => ({
      refId: `Q${index + 1}`,
      datasource,
      expr: promqlText(query),
      legendFormat: legend,
      range: kind === "timeseries",
      instant: kind !== "timeseries",
    })),
  };
}
