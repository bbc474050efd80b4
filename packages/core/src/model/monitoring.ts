import type { Comparison, Query } from "../promql/query.ts";
import type { Metric, Metrics } from "./contract.ts";
import type { Expression } from "./expression.ts";
import type { Duration } from "./quantity.ts";

/**
 * What one version of a program emits, as a data file of the catalogue (`components/metrics/`). A program of the stack's
 * own has its contract instead. Alerts and panels are made of these metric objects and of nothing else.
 */
export interface MetricList<M extends Metrics = Metrics> {
  readonly program: string;
  readonly version: string;
  /** `captured`: compared with a scrape of that version; `unverified`: written from its documentation. */
  readonly origin: "captured" | "unverified";
  readonly metrics: M;
  /** Of an exporter: 1 while what it tells about answers it. */
  readonly up?: Metric<never, "gauge">;
}

/**
 * Where a resource serves metrics, and which; every Prometheus of the stack that may reach it scrapes it. A component says
 * `metrics: [{ port: "http", path: "/metrics", list: postgresMetrics, of: db.name }]`, with the list a data file of
 * `components/metrics/`, and `alerts` and `panels` made of `postgresMetrics.metrics.*`. Nothing else has to know it.
 */
export interface MetricsFacet {
  /** The name of one of the resource's own ports. */
  readonly port: string;
  readonly path: string;
  readonly list: MetricList;
  /** Whose state is told: an exporter tells of the store it looks at. Default: the resource's own. */
  readonly of?: string;
  /** Of an exporter that looks at addresses: at which port of `of`, and how, where it knows several ways. */
  readonly through?: { readonly module?: string; readonly port: string };
  /** How often; default the Prometheus's own interval. */
  readonly every?: Duration;
  /**
   * Of who tells of every container of its host: the labels with the stack and the environment that a sample is about. Samples of
   * others are dropped at the scrape, and so are those of none, which tell of the host or of the program itself.
   */
  readonly owner?: { readonly stack: string; readonly environment: string };
  /**
   * Labels with another name than ours, renamed at the scrape: `{ container_label_caisson_resource: "resource" }`.
   * Who emits about many resources renames to `resource`.
   */
  readonly rename?: Readonly<Record<string, string>>;
  /** `scrape`: values are those of the time of the scrape, whatever time is told with them. Default: that one. */
  readonly timestamps?: "scrape";
  readonly basicAuth?: { readonly user: string; readonly password: Expression };
}

export type Severity = "critical" | "warning" | "info";

/** A level that goes up or down from where it starts. */
export interface Slope {
  readonly from: number;
  readonly aMinute: number;
}

/** A series of an alert's example: its value in quiet and in alarm; of a counter, its growth a minute. */
export interface ExampleSeries {
  readonly metric: Metric;
  readonly part?: "bucket" | "sum" | "count";
  readonly labels: Readonly<Record<string, string>>;
  readonly quiet: number | "absent";
  readonly alarm: number | "absent" | Slope;
}

/**
 * An alert: it fires while `value` compares to the threshold for `for`. The threshold is data of its own, so that a stack
 * can set another by the alert's name. From `example` a unit test is generated that makes it fire and clear.
 */
export interface Alert {
  /** In words written together: `PostgresConnectionsHigh`. Unique among those of one resource about another. */
  readonly name: string;
  /** The resource it is about, where that is another (an exporter's alerts are about the store). */
  readonly of?: string;
  readonly severity: Severity;
  readonly value: Query;
  readonly op: Comparison;
  readonly threshold: number;
  /** What else has to hold (enough traffic to judge): series with the same labels as `value`. */
  readonly guard?: Query;
  readonly for: Duration;
  /** What it means, one sentence; `{{ $value }}` and `{{ $labels.x }}` as Prometheus knows them. */
  readonly summary: string;
  /** What to do, one sentence, with the verb to use. */
  readonly action: string;
  /** What the alert is about (`disk`, `certificate`): a critical one silences a warning about the same. Default: its name. */
  readonly about?: string;
  readonly example: readonly ExampleSeries[];
}

/** Grafana's units, as far as we use them. */
export type PanelUnit =
  | "short"
  | "percentunit"
  | "s"
  | "bytes"
  | "Bps"
  | "reqps"
  | "ops"
  | "bool"
  | "dateTimeFromNow"
  | "none";

/** A panel: queries over time, or their present value. */
export interface Panel {
  readonly title: string;
  readonly kind: "timeseries" | "stat" | "table";
  readonly unit: PanelUnit;
  /** `legend` as Grafana knows it: `{{route}}`. */
  readonly queries: readonly { readonly legend: string; readonly query: Query }[];
}

/** The panels about one resource, or about one part of it. */
export interface PanelRow {
  readonly title: string;
  readonly panels: readonly Panel[];
}
