import { literal, type Expression } from "../../model/expression.ts";
import type { Places } from "./places.ts";

/** The expression with its addresses and paths filled in: what is left to be known are secrets. */
export function placed(value: Expression, places: Places): Expression {
  switch (value.kind) {
    case "address":
      return literal(places.address(value));
    case "path":
      return literal(places.path(value));
    case "concat":
      return { kind: "concat", parts: value.parts.map((part) => placed(part, places)) };
    case "encode":
      return { ...value, value: placed(value.value, places) };
    default:
      return value;
  }
}
