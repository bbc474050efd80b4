import type { Metric } from "../model/contract.ts";

/** Labels that every scraped series has: the job and address it came from, and the resource of the stack it tells about. */
export type TargetLabel = "job" | "instance" | "resource";

export const targetLabels: readonly TargetLabel[] = ["job", "instance", "resource"];

/** One condition on a label. */
export interface Matcher {
  readonly label: string;
  readonly op: "=" | "!=" | "=~" | "!~";
  readonly value: string;
}

/** Which of a metric's series: its own, or one of the three a histogram is made of. */
export type Part = "value" | "bucket" | "sum" | "count";

export type RangeFunction =
  | "rate"
  | "increase"
  | "delta"
  | "deriv"
  | "changes"
  | "avg_over_time"
  | "min_over_time"
  | "max_over_time"
  | "sum_over_time"
  | "count_over_time";

export type Aggregation = "sum" | "avg" | "min" | "max" | "count";

export type Arithmetic = "+" | "-" | "*" | "/";

export type Comparison = ">" | ">=" | "<" | "<=" | "==" | "!=";

/** How the series of two sides find each other; without it all their labels are equal. */
export interface Matching {
  readonly on: readonly string[];
  /** `left`: many series on the left for one on the right. */
  readonly group?: "left";
}

/** An expression over metrics as plain data; `promqlText` writes it. Metrics are objects, never names. */
export type QueryNode =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "time" }
  | {
      readonly kind: "select";
      readonly metric: Metric;
      readonly part: Part;
      readonly where: readonly Matcher[];
      readonly offsetMs?: number;
    }
  | { readonly kind: "range"; readonly fn: RangeFunction; readonly of: QueryNode; readonly overMs: number }
  | { readonly kind: "predict"; readonly of: QueryNode; readonly overMs: number; readonly aheadMs: number }
  | { readonly kind: "aggregate"; readonly op: Aggregation; readonly of: QueryNode; readonly by: readonly string[] }
  | { readonly kind: "top"; readonly count: number; readonly of: QueryNode }
  | { readonly kind: "quantile"; readonly q: number; readonly of: QueryNode }
  | {
      readonly kind: "binary";
      readonly op: Arithmetic | Comparison | "and" | "or" | "unless";
      readonly left: QueryNode;
      readonly right: QueryNode;
      readonly matching?: Matching;
      /** A comparison that answers 0 or 1 instead of keeping what holds. */
      readonly bool?: boolean;
    }
  | { readonly kind: "absent"; readonly of: QueryNode }
  | { readonly kind: "unchecked"; readonly promql: string; readonly reason: string };

/** An expression whose labels the type checker knows; the mark exists in types only. */
export type Query<L extends string = string> = QueryNode & { readonly "~labels"?: L };

/** A selection of series that only grow: what `rate` and `increase` take. */
export type Growing<L extends string = string> = Query<L> & { readonly "~grows"?: true };

/** A selection of series that go up and down. */
export type Level<L extends string = string> = Query<L> & { readonly "~grows"?: false };
