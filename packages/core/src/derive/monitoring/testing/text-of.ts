import type { Expression } from "../../../model/expression.ts";

/** An expression as text: addresses as a container has them, files below /etc/caisson. */
export function textOf(value: Expression): string {
  switch (value.kind) {
    case "literal":
      return typeof value.value === "string" ? value.value : JSON.stringify(value.value);
    case "concat":
      return value.parts.map(textOf).join("");
    case "address":
      return value.part === "port" ? (value.port === "management" ? "9464" : "9000") : value.resource;
    case "path":
      return `/etc/caisson/${value.name}`;
    default:
      throw new Error(`no text for a ${value.kind}`);
  }
}
