import type { Metric } from "../model/contract.ts";
import { seriesName } from "./text.ts";
import { targetLabels, type QueryNode } from "./query.ts";

/** The labels of a query's series; `undefined` where nobody knows (`promql.unchecked`). A number has no series. */
export function labelsOf(query: QueryNode): readonly string[] | undefined {
  switch (query.kind) {
    case "number":
    case "time":
      return [];
    case "select":
      // A colon stands in the names of recorded series alone; those have no labels but their own.
      if (query.metric.name.includes(":")) return [...query.metric.labels].sort();
      return [...new Set([...query.metric.labels, ...targetLabels, ...(query.part === "bucket" ? ["le"] : [])])].sort();
    case "range":
    case "predict":
    case "top":
      return labelsOf(query.of);
    case "aggregate":
      return [...query.by].sort();
    case "quantile":
      return labelsOf(query.of)?.filter((label) => label !== "le");
    case "absent":
      return query.of.kind === "select" ? query.of.where.filter(({ op }) => op === "=").map(({ label }) => label) : [];
    case "binary": {
      if (isScalar(query.left)) return labelsOf(query.right);
      const { op, matching } = query;
      const keepsLeft = matching?.group === "left" || matching === undefined || !"+-*/".includes(op);
      return keepsLeft ? labelsOf(query.left) : [...matching.on].sort();
    }
    case "unchecked":
      return undefined;
  }
}

/** Every metric a query selects. */
export function* metricsIn(query: QueryNode): Generator<Metric> {
  if (query.kind === "select") yield query.metric;
  if ("of" in query) yield* metricsIn(query.of);
  if (query.kind === "binary") {
    yield* metricsIn(query.left);
    yield* metricsIn(query.right);
  }
}

/**
 * What can never answer: a label the series do not have (in a condition, in `by`, in `on`), two sides whose series
 * never pair, a quantile of something without buckets. Types refuse most of it; data that came another way is checked here.
 */
export function queryProblems(query: QueryNode): string[] {
  switch (query.kind) {
    case "select": {
      const known = labelsOf(query) ?? [];
      return query.where
        .filter(({ label }) => !known.includes(label))
        .map(({ label }) => `${seriesName(query)} has no label ${label}; it has ${known.join(", ")}`);
    }
    case "aggregate":
      return [...queryProblems(query.of), ...missing("by", query.by, query.of)];
    case "quantile":
      return [
        ...queryProblems(query.of),
        ...(labelsOf(query.of)?.includes("le") === false
          ? ["a quantile needs the label le of a histogram's buckets"]
          : []),
      ];
    case "binary":
      return [...queryProblems(query.left), ...queryProblems(query.right), ...pairProblems(query)];
    case "range":
    case "predict":
    case "top":
    case "absent":
      return queryProblems(query.of);
    default:
      return [];
  }
}

function pairProblems({ op, left, right, matching }: Extract<QueryNode, { kind: "binary" }>): string[] {
  if (isScalar(left) || isScalar(right)) return [];
  if (matching) return [...missing("on", matching.on, left), ...missing("on", matching.on, right)];
  const [a, b] = [labelsOf(left), labelsOf(right)];
  if (op === "or" || a === undefined || b === undefined || a.join() === b.join()) return [];
  return [
    `the series on the two sides of ${op} never pair: ${a.join(", ") || "no labels"} and ${b.join(", ") || "no labels"}; name the labels that pair them (on)`,
  ];
}

function missing(where: string, labels: readonly string[], of: QueryNode): string[] {
  const known = labelsOf(of);
  if (known === undefined) return [];
  return labels
    .filter((label) => !known.includes(label))
    .map(
      (label) =>
        `${where} names the label ${label}, which the series do not have; they have ${known.join(", ") || "none"}`,
    );
}

function isScalar(query: QueryNode): boolean {
  if (query.kind === "binary") return isScalar(query.left) && isScalar(query.right);
  return query.kind === "number" || query.kind === "time";
}
