import { isUtf8 } from "node:buffer";
import { parseJson } from "../../events/parse-json.ts";
import { invalidJson } from "./refuse.ts";

const json = /^[^;]*[/+]json[ \t]*(?:;|$)/i;

/**
 * A CloudEvent of binary mode in its JSON form: an attribute in each `ce-` header, the data in the body, its media type
 * in Content-Type. Attributes stay texts, since headers have no other type.
 */
export function readBinary(
  body: Buffer,
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, unknown> {
  const event: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith("ce-")) event[name.slice(3)] = decoded(String(value));
  }
  const { "content-type": type } = headers;
  if (type !== undefined) event["datacontenttype"] = type;
  return { ...event, ...dataOf(body, String(type ?? "")) };
}

function dataOf(body: Buffer, type: string): { data?: unknown; data_base64?: string } {
  if (body.length === 0) return {};
  if (json.test(type)) {
    const parsed = parseJson(body);
    if ("value" in parsed) return { data: parsed.value };
    throw invalidJson(parsed.fault);
  }
  return type.startsWith("text/") && isUtf8(body)
    ? { data: body.toString("utf8") }
    : { data_base64: body.toString("base64") };
}

/** Header values are percent-encoded UTF-8 as far as they need to be; what is no such encoding stays as it is. */
function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value; // a lone % is a character like others
  }
}
