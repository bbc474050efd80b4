import { CaissonError } from "../../errors/caisson-error.ts";
import type { Expression } from "../../model/expression.ts";
import type { Places } from "./places.ts";

/** The text of an expression without a secret, for a file anybody may read. */
export function plainText(value: Expression, places: Places): string {
  switch (value.kind) {
    case "literal":
      return typeof value.value === "string" ? value.value : JSON.stringify(value.value);
    case "address":
      return places.address(value);
    case "path":
      return places.path(value);
    case "concat":
      return value.parts.map((part) => plainText(part, places)).join("");
    case "encode": {
      const text = plainText(value.value, places);
      if (value.op === "json") return JSON.stringify(text);
      if (value.op === "url") return encodeURIComponent(text);
      throw new CaissonError("E_NOT_IMPLEMENTED", `${value.op} of a text that is no secret is not built yet`);
    }
    default:
      throw new Error(`a ${value.kind} has no text of its own`);
  }
}
