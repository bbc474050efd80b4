import type { Matcher, QueryNode } from "./query.ts";

/** A query in PromQL, on one line. Operands of operators stand in parentheses, so that no precedence is relied upon. */
export function promqlText(query: QueryNode): string {
  switch (query.kind) {
    case "number":
      return numberText(query.value);
    case "time":
      return "time()";
    case "select":
      return selectText(query) + (query.offsetMs === undefined ? "" : ` offset ${durationText(query.offsetMs)}`);
    case "range":
      return `${query.fn}(${rangeText(query.of, query.overMs)})`;
    case "predict":
      return `predict_linear(${rangeText(query.of, query.overMs)}, ${numberText(query.aheadMs / 1000)})`;
    case "aggregate":
      return `${query.op}${query.by.length === 0 ? "" : ` by (${query.by.join(", ")})`} (${promqlText(query.of)})`;
    case "top":
      return `topk(${query.count}, ${promqlText(query.of)})`;
    case "quantile":
      return `histogram_quantile(${numberText(query.q)}, ${promqlText(query.of)})`;
    case "binary":
      return binaryText(query);
    case "absent":
      return `absent(${promqlText(query.of)})`;
    case "unchecked":
      return query.promql;
  }
}

/** A duration as PromQL writes it: whole units, the greatest first (`1h30m`). */
export function durationText(ms: number): string {
  const units = [
    ["d", 86_400_000],
    ["h", 3_600_000],
    ["m", 60_000],
    ["s", 1000],
    ["ms", 1],
  ] as const;
  let left = Math.round(ms);
  const parts = units.map(([unit, size]) => {
    const whole = Math.floor(left / size);
    left -= whole * size;
    return whole === 0 ? "" : `${whole}${unit}`;
  });
  return parts.join("") || "0s";
}

/** The name of a selected series: a histogram's parts have suffixes. */
export function seriesName({ metric, part }: Pick<Extract<QueryNode, { kind: "select" }>, "metric" | "part">): string {
  return part === "value" ? metric.name : `${metric.name}_${part}`;
}

function selectText(query: Extract<QueryNode, { kind: "select" }>): string {
  const conditions = query.where.map(matcherText).join(",");
  return seriesName(query) + (conditions === "" ? "" : `{${conditions}}`);
}

function matcherText({ label, op, value }: Matcher): string {
  // PromQL's double-quoted strings have Go's escapes, of which JSON's are a part.
  return `${label}${op}${JSON.stringify(value)}`;
}

/** A range of anything but a selection is a subquery, evaluated at the rules' interval. */
function rangeText(of: QueryNode, overMs: number): string {
  const over = durationText(overMs);
  if (of.kind !== "select") return `(${promqlText(of)})[${over}:]`;
  const offset = of.offsetMs === undefined ? "" : ` offset ${durationText(of.offsetMs)}`;
  return `${selectText(of)}[${over}]${offset}`;
}

function binaryText({ op, left, right, matching, bool }: Extract<QueryNode, { kind: "binary" }>): string {
  const pairs = matching === undefined ? "" : ` on (${matching.on.join(", ")})`;
  const group = matching?.group === undefined ? "" : " group_left ()";
  return `${operand(left)} ${op}${bool === true ? " bool" : ""}${pairs}${group} ${operand(right)}`;
}

function operand(query: QueryNode): string {
  const text = promqlText(query);
  return query.kind === "binary" || query.kind === "unchecked" ? `(${text})` : text;
}

function numberText(value: number): string {
  // 1e21 and smaller exponents are PromQL numbers too; its infinities have names of their own.
  if (Number.isNaN(value)) return "NaN";
  return Number.isFinite(value) ? String(value) : value > 0 ? "+Inf" : "-Inf";
}
