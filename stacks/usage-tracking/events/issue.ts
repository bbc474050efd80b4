/** Why a value of an event is refused. The README says what each means; clients may rely on them. */
export type IssueCode =
  | "required"
  | "type"
  | "range"
  | "length"
  | "format"
  | "choice"
  | "unknown_field"
  | "reserved_field"
  | "tenant_mismatch"
  | "timestamp_range"
  | "mismatch"
  | "number_inexact"
  | "text_invalid"
  | "too_deep"
  | "too_large"
  | "invalid_json"
  | "invalid_utf8";

/** One thing that is wrong with an event: where (a JSON pointer within the event), which rule, and a sentence. */
export interface Issue {
  readonly path: string;
  readonly code: IssueCode;
  readonly message: string;
}

/** One step of a JSON pointer, escaped as RFC 6901 asks; a key longer than 64 characters is cut. */
export function pointerStep(key: string | number): string {
  const text = String(key);
  const shown = text.length > 64 ? `${text.slice(0, 64)}...` : text;
  return `/${shown.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}
