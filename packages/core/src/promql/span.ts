import type { QueryNode } from "./query.ts";

/** How far back a query looks, in milliseconds: its ranges and offsets, one inside the other. */
export function spanOf(query: QueryNode): number {
  switch (query.kind) {
    case "select":
      return query.offsetMs ?? 0;
    case "range":
    case "predict":
      return query.overMs + spanOf(query.of);
    case "binary":
      return Math.max(spanOf(query.left), spanOf(query.right));
    case "aggregate":
    case "top":
    case "quantile":
    case "absent":
      return spanOf(query.of);
    default:
      return 0;
  }
}
