import type { Issue } from "./issue.ts";
import { inexactNumber } from "./parse-json.ts";
import type { FieldKind } from "./service-fields.ts";

/** True for a JSON object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A text of 1 to `maxLength` characters; `undefined` when absent (null counts as absent) or refused. */
export function checkText(
  value: unknown,
  path: string,
  maxLength: number,
  required: boolean,
  issues: Issue[],
): string | undefined {
  if (value === undefined || value === null) {
    if (required) issues.push({ path, code: "required", message: "is missing" });
    return undefined;
  }
  if (typeof value !== "string") {
    issues.push({ path, code: "type", message: "expected text" });
    return undefined;
  }
  // Characters, not UTF-16 units: 255 of them fit, whatever the script.
  const tooLong = value.length > maxLength && (value.length > 2 * maxLength || [...value].length > maxLength);
  if (value.length === 0 || tooLong) {
    issues.push({ path, code: "length", message: `expected 1 to ${maxLength} characters` });
    return undefined;
  }
  return keepable(value, path, issues) ? value : undefined;
}

/** False, with an issue, for a text that PostgreSQL cannot keep: NUL, or half of a surrogate pair. */
export function keepable(value: string, path: string, issues: Issue[]): boolean {
  if (!value.includes("\0") && value.isWellFormed()) return true;
  issues.push({ path, code: "text_invalid", message: "expected well-formed Unicode without U+0000" });
  return false;
}

/** The value of a service's field in its stored form; `undefined` when absent or refused. */
export function checkField(
  kind: FieldKind,
  value: unknown,
  path: string,
  required: boolean,
  issues: Issue[],
): string | number | undefined {
  if (kind.kind === "text") return checkText(value, path, kind.maxLength, required, issues);
  if (value === undefined || value === null) {
    if (required) issues.push({ path, code: "required", message: "is missing" });
    return undefined;
  }
  if (value === inexactNumber) {
    issues.push({ path, code: "number_inexact", message: "has more digits than a number keeps" });
    return undefined;
  }
  if (typeof value !== "number") {
    issues.push({ path, code: "type", message: "expected a number" });
    return undefined;
  }
  if (kind.kind === "integer" && !Number.isInteger(value)) {
    issues.push({ path, code: "type", message: "expected a whole number" });
    return undefined;
  }
  if (!(value >= kind.min && value <= kind.max)) {
    issues.push({ path, code: "range", message: `expected ${kind.min} to ${kind.max}` });
    return undefined;
  }
  // + 0 makes one zero of two.
  return (kind.kind === "integer" ? value : Math.round(value * 1000) / 1000) + 0;
}
