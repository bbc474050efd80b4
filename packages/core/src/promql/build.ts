import type { Metric, MetricKind } from "../model/contract.ts";
import { freeze } from "../model/freeze.ts";
import { toMs, type Duration } from "../model/quantity.ts";
import type {
  Aggregation,
  Arithmetic,
  Comparison,
  Growing,
  Level,
  Matcher,
  Matching,
  Part,
  Query,
  QueryNode,
  RangeFunction,
  TargetLabel,
} from "./query.ts";

/** A label's value, or a condition made by {@link matches}, {@link differs} or {@link lacks}. */
export type Condition = string | Omit<Matcher, "label">;

/** Conditions on a metric's own labels and on those every scraped series has. */
export type Where<L extends string> = { readonly [K in L | TargetLabel]?: Condition };

/** The whole value matches a regular expression (RE2). */
export function matches(pattern: string): Condition {
  return { op: "=~", value: pattern };
}

/** The value is another one. */
export function differs(value: string): Condition {
  return { op: "!=", value };
}

/** The whole value does not match a regular expression (RE2). */
export function lacks(pattern: string): Condition {
  return { op: "!~", value: pattern };
}

/** The series of a gauge. */
export function level<L extends string>(metric: Metric<L, "gauge">, where: Where<L> = {}): Level<L | TargetLabel> {
  return select(metric, "value", where);
}

/** The series of a counter. */
export function counts<L extends string>(metric: Metric<L, "counter">, where: Where<L> = {}): Growing<L | TargetLabel> {
  return select(metric, "value", where);
}

/** How many values a histogram has seen. */
export function observations<L extends string>(
  metric: Metric<L, "histogram">,
  where: Where<L> = {},
): Growing<L | TargetLabel> {
  return select(metric, "count", where);
}

/** The sum of the values a histogram has seen. */
export function total<L extends string>(
  metric: Metric<L, "histogram">,
  where: Where<L> = {},
): Growing<L | TargetLabel> {
  return select(metric, "sum", where);
}

/** The buckets of a histogram, with the label `le`. */
export function buckets<L extends string>(
  metric: Metric<L, "histogram">,
  where: Where<L> = {},
): Growing<L | TargetLabel | "le"> {
  return select(metric, "bucket", where);
}

/** Growth a second. */
export function rate<L extends string>(of: Growing<L>, over: Duration): Query<L> {
  return range("rate", of, over);
}

/** Growth in a span of time. */
export function increase<L extends string>(of: Growing<L>, over: Duration): Query<L> {
  return range("increase", of, over);
}

/** Difference between the ends of a span of time, of what goes up and down. */
export function delta<L extends string>(of: Level<L>, over: Duration): Query<L> {
  return range("delta", of, over);
}

/** How often a value changed in a span of time. */
export function changes<L extends string>(of: Level<L>, over: Duration): Query<L> {
  return range("changes", of, over);
}

/** Average, least, greatest or sum over a span of time. */
export function overTime<L extends string>(
  what: "avg" | "min" | "max" | "sum" | "count",
  of: Level<L>,
  over: Duration,
): Query<L> {
  return range(`${what}_over_time`, of, over);
}

/** Where a value will be, going on as it did over a span of time. */
export function predict<L extends string>(of: Level<L>, over: Duration, ahead: Duration): Query<L> {
  return freeze({ kind: "predict", of, overMs: toMs(over), aheadMs: toMs(ahead) });
}

/** The same selection some time ago. */
export function ago<L extends string>(of: Level<L>, by: Duration): Level<L> {
  return of.kind === "select" ? freeze({ ...of, offsetMs: toMs(by) }) : of;
}

/** One value for each combination of `by`; without it one for all. */
export function sum<L extends string, const B extends L = never>(of: Query<L>, by: readonly B[] = []): Query<B> {
  return aggregate("sum", of, by);
}

export function avg<L extends string, const B extends L = never>(of: Query<L>, by: readonly B[] = []): Query<B> {
  return aggregate("avg", of, by);
}

export function min<L extends string, const B extends L = never>(of: Query<L>, by: readonly B[] = []): Query<B> {
  return aggregate("min", of, by);
}

export function max<L extends string, const B extends L = never>(of: Query<L>, by: readonly B[] = []): Query<B> {
  return aggregate("max", of, by);
}

/** How many series there are. */
export function count<L extends string, const B extends L = never>(of: Query<L>, by: readonly B[] = []): Query<B> {
  return aggregate("count", of, by);
}

/** The `n` greatest. */
export function top<L extends string>(n: number, of: Query<L>): Query<L> {
  return freeze({ kind: "top", count: n, of });
}

/** A quantile of what a histogram saw over a span of time, for each combination of `by`. */
export function quantile<L extends string, const B extends L | TargetLabel = never>(
  q: number,
  metric: Metric<L, "histogram">,
  over: Duration,
  options: { readonly by?: readonly B[]; readonly where?: Where<L> } = {},
): Query<B> {
  const seen = rate(buckets(metric, options.where), over);
  return freeze({ kind: "quantile", q, of: aggregate("sum", seen, [...(options.by ?? []), "le"]) });
}

/** Arithmetic of two queries or a query and a number; `on` names the labels that pair their series. */
export function calculate<L extends string>(
  left: Query<L>,
  op: Arithmetic,
  right: Query | number,
  matching?: Matching & { readonly on: readonly L[] },
): Query<L> {
  return binary(left, op, right, matching);
}

/** What share `part` is of `whole`: a division. */
export function ratio<L extends string>(part: Query<L>, whole: Query | number, on?: readonly L[]): Query<L> {
  return binary(part, "/", whole, on && { on });
}

/** Keeps the series for which the comparison holds. */
export function compare<L extends string>(left: Query<L>, op: Comparison, right: Query | number): Query<L> {
  return binary(left, op, right);
}

/** 1 where the comparison holds, 0 where it does not. */
export function holds<L extends string>(left: Query<L>, op: Comparison, right: number): Query<L> {
  return freeze({ kind: "binary", op, left, right: node(right), bool: true });
}

/** Keeps of `left` what has (`and`) or has not (`unless`) a partner on the right; `or` adds what `left` has not. */
export function both<L extends string>(
  left: Query<L>,
  op: "and" | "or" | "unless",
  right: Query,
  on?: readonly L[],
): Query<L> {
  return binary(left, op, right, on && { on });
}

/** 1 when nothing is selected, nothing otherwise. */
export function absent<L extends string>(of: Query<L>): Query<L> {
  return freeze({ kind: "absent", of });
}

/** The same number at all times: what is wanted, beside what is. */
export function constant(value: number): Query<never> {
  return freeze({ kind: "number", value });
}

/** The time of the evaluation, in seconds. */
export const now: Query<never> = freeze({ kind: "time" });

/** Text that nobody checks for metrics and labels; only its syntax is. `reason` says why it has to be. */
export const promql = {
  unchecked: (text: string, reason: string): Query => freeze({ kind: "unchecked", promql: text, reason }),
} as const;

function select(metric: Metric<string, MetricKind>, part: Part, where: Readonly<Record<string, unknown>>): QueryNode {
  // `where` was typed by the caller; its keys are labels, its values conditions.
  const conditions = Object.entries(where as Readonly<Record<string, Condition>>).map(([label, condition]): Matcher =>
    typeof condition === "string" ? { label, op: "=", value: condition } : { label, ...condition },
  );
  return freeze({ kind: "select", metric, part, where: conditions });
}

function range(fn: RangeFunction, of: QueryNode, over: Duration): QueryNode {
  return freeze({ kind: "range", fn, of, overMs: toMs(over) });
}

function aggregate(op: Aggregation, of: QueryNode, by: readonly string[]): QueryNode {
  return freeze({ kind: "aggregate", op, of, by: [...by] });
}

function binary(
  left: QueryNode,
  op: Arithmetic | Comparison | "and" | "or" | "unless",
  right: QueryNode | number,
  matching?: Matching,
): QueryNode {
  return freeze({ kind: "binary", op, left, right: node(right), ...(matching && { matching }) });
}

function node(value: QueryNode | number): QueryNode {
  return typeof value === "number" ? { kind: "number", value } : value;
}
