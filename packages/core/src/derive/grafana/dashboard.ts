import type { Panel, PanelRow } from "../../model/monitoring.ts";
import { promqlText } from "../../promql/text.ts";

/** Ids of the data sources, the same on every host: a dashboard finds them by these. */
export const dataSources = {
  prometheus: "prometheus",
  victoriametrics: "victoriametrics",
  loki: "loki",
  jaeger: "jaeger",
} as const;

interface GridPos {
  h: number;
  w: number;
  x: number;
  y: number;
}

/** Grafana's grid is 24 wide. */
const width = 8;
const height = 8;

/**
 * A dashboard in Grafana's JSON (schema 39, which later versions read), rows of three panels beside each other; and the logs
 * of the resources named. Its type is inferred: a test holds it against the one that Grafana publishes.
 */
export function dashboardJson(uid: string, title: string, rows: readonly PanelRow[], logs: readonly string[] = []) {
  let id = 0;
  let y = 0;
  const rowJson = (name: string) => {
    const gridPos = { h: 1, w: 24, x: 0, y };
    y += 1;
    return { id: ++id, type: "row" as const, title: name, collapsed: false, gridPos, panels: [] as never[] };
  };
  const panels = rows.flatMap((row): (ReturnType<typeof rowJson> | PanelJson)[] => {
    const head = rowJson(row.title);
    const placed = row.panels.map((panel, index) => {
      const [line, column] = [Math.floor(index / 3), index % 3];
      return panelJson(panel, ++id, { h: height, w: width, x: column * width, y: y + line * height });
    });
    y += Math.ceil(row.panels.length / 3) * height;
    return [head, ...placed];
  });
  if (logs.length > 0) {
    panels.push(rowJson("Logs"));
    panels.push(
      ...logPanels(logs).map((panel, index) => panel(++id, { h: height, w: 24, x: 0, y: y + index * height })),
    );
  }
  return {
    uid,
    title,
    schemaVersion: 39,
    version: 1,
    editable: false,
    graphTooltip: 1 as const,
    refresh: "30s",
    time: { from: "now-6h", to: "now" },
    timezone: "",
    tags: ["caisson"],
    templating: { list: [] as never[] },
    annotations: { list: [] as never[] },
    links: [] as never[],
    panels,
  };
}

type PanelJson = {
  id: number;
  type: string;
  title: string;
  gridPos: GridPos;
  datasource: { type: string; uid: string };
  fieldConfig?: { defaults: { unit: string; min?: number }; overrides: never[] };
  options: Record<string, unknown>;
  targets: Record<string, unknown>[];
};

/** How many lines each writes, and the lines: in Loki's own words, by the label that all signals share. */
function logPanels(resources: readonly string[]): ((id: number, gridPos: GridPos) => PanelJson)[] {
  const datasource = { type: "loki", uid: dataSources.loki };
  const selector = `{resource=~"${resources.join("|")}"}`;
  const target = { refId: "Q1", datasource, queryType: "range" };
  return [
    (id, gridPos) => ({
      id,
      type: "timeseries",
      title: "Lines a second",
      datasource,
      gridPos,
      fieldConfig: { defaults: { unit: "short", min: 0 }, overrides: [] },
      options: {},
      targets: [{ ...target, expr: `sum by (resource) (rate(${selector}[5m]))`, legendFormat: "{{resource}}" }],
    }),
    (id, gridPos) => ({
      id,
      type: "logs",
      title: "Lines",
      datasource,
      gridPos,
      options: { showTime: true, sortOrder: "Descending", wrapLogMessage: true, enableLogDetails: true },
      targets: [{ ...target, expr: selector }],
    }),
  ];
}

function panelJson({ title, kind, unit, queries }: Panel, id: number, gridPos: GridPos) {
  const datasource = { type: "prometheus", uid: dataSources.prometheus };
  return {
    id,
    type: kind,
    title,
    datasource,
    gridPos,
    fieldConfig: { defaults: { unit, ...(unit === "percentunit" && { min: 0 }) }, overrides: [] },
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
