import { checkText } from "./check-value.ts";
import { pointerStep, type Issue } from "./issue.ts";
import { inexactNumber } from "./parse-json.ts";
import type { JsonValue } from "./stored-event.ts";

/** The attributes of a CloudEvent that have been checked; `time` is looked at where every event's time is. */
export interface CloudAttributes {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string | undefined;
  readonly contentType: string | undefined;
  /** What is kept beside the event: every attribute but `specversion` and `time`. */
  readonly kept: Readonly<Record<string, JsonValue>>;
}

// RFC 3986: the characters of a URI reference, and those only. A scheme makes it a URI.
const uriReference = /^(?:[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+$/;
const uri = /^[A-Za-z][A-Za-z0-9+.-]*:/;
// RFC 2045: type, subtype, and parameters that are left to whoever reads the data.
const mediaType = /^[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+[ \t]*(?:;.*)?$/;
const attributeName = /^[a-z0-9]+$/;
const core = new Set(["specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataschema"]);
const dataMembers = new Set(["data", "data_base64"]);

/** Checks the context attributes of a CloudEvent 1.0. Null counts as absent, as its JSON format says. */
export function checkAttributes(input: Readonly<Record<string, unknown>>, issues: Issue[]): CloudAttributes {
  const text = (name: string, maxLength: number, required: boolean, form?: RegExp, expected = ""): string => {
    const value = checkText(input[name], `/${name}`, maxLength, required, issues);
    if (value === undefined || form === undefined || form.test(value)) return value ?? "";
    issues.push({ path: `/${name}`, code: "format", message: `expected ${expected}` });
    return value;
  };
  const version = text("specversion", 255, true);
  if (version !== "" && version !== "1.0") {
    issues.push({ path: "/specversion", code: "choice", message: 'expected "1.0"' });
  }
  const id = text("id", 255, true);
  const source = text("source", 2048, true, uriReference, "a URI reference");
  const type = text("type", 255, true);
  const subject = text("subject", 255, false);
  const contentType = text("datacontenttype", 255, false, mediaType, "a media type");
  const schema = text("dataschema", 2048, false, uri, "a URI");
  const kept: Record<string, JsonValue> = {
    id,
    source,
    type,
    ...(subject !== "" && { subject }),
    ...(contentType !== "" && { datacontenttype: contentType }),
    ...(schema !== "" && { dataschema: schema }),
    ...extensions(input, issues),
  };
  return { id, source, type, subject: subject || undefined, contentType: contentType || undefined, kept };
}

function extensions(input: Readonly<Record<string, unknown>>, issues: Issue[]): Record<string, JsonValue> {
  const found: Record<string, JsonValue> = {};
  for (const [name, value] of Object.entries(input)) {
    if (core.has(name) || dataMembers.has(name)) continue;
    const path = pointerStep(name);
    if (!attributeName.test(name)) {
      issues.push({ path, code: "format", message: "expected a name of lower-case letters and digits" });
    } else if (value !== null) {
      const checked = extension(value, path, issues);
      if (checked !== undefined) found[name] = checked;
    }
  }
  return found;
}

/** A boolean, a 32-bit integer or a text: the types of the specification that JSON can carry. */
function extension(value: unknown, path: string, issues: Issue[]): JsonValue | undefined {
  if (typeof value === "string") return value === "" ? "" : checkText(value, path, 4096, false, issues);
  if (typeof value === "boolean") return value;
  if (typeof value === "number" && Number.isInteger(value)) {
    if (value === (value | 0)) return value + 0;
    issues.push({ path, code: "range", message: "expected an integer of 32 bits" });
    return undefined;
  }
  const message = "expected a text, a boolean or an integer";
  issues.push({ path, code: value === inexactNumber ? "number_inexact" : "type", message });
  return undefined;
}
