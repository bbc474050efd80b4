import { checkAttributes, type CloudAttributes } from "./cloud-attributes.ts";
import { isRecord } from "./check-value.ts";
import { derivedId } from "./derived-id.ts";
import type { Issue } from "./issue.ts";
import { normaliseEvent, type EventContext, type Normalised } from "./normalise-event.ts";
import { parseJson } from "./parse-json.ts";

/** True for what says of itself that it is a CloudEvent: no field of a usage event has that name. */
export function isCloudEvent(input: unknown): boolean {
  return isRecord(input) && Object.hasOwn(input, "specversion");
}

/**
 * Brings a CloudEvent 1.0 (in its JSON form) into the normal form of a usage event. Its id is made of `source` and `id`.
 * Where `data` names a `service_type` it holds the fields of a usage event; anything else becomes a custom event.
 */
export function normaliseCloudEvent(input: unknown, context: EventContext): Normalised {
  if (!isRecord(input)) return { issues: [{ path: "", code: "type", message: "expected an object" }] };
  const issues: Issue[] = [];
  const attributes = checkAttributes(input, issues);
  const data = readData(input, attributes, issues);
  const { usage, placeOf } =
    isRecord(data.value) && Object.hasOwn(data.value, "service_type")
      ? usageOf(data.value, data.place, attributes, issues)
      : customOf(data, attributes);
  const { time } = input;
  const outcome = normaliseEvent({ ...usage, ...(time !== undefined && { timestamp: time }) }, context);
  const found = "issues" in outcome ? outcome.issues : [];
  // What the attributes are refused for already is not said twice.
  const said = new Set(issues.map(({ path }) => path));
  for (const issue of found) {
    const path = placeOf(issue.path);
    if (!said.has(path)) issues.push({ ...issue, path });
  }
  return issues.length > 0 || "issues" in outcome ? { issues: issues.slice(0, 10) } : outcome;
}

interface Data {
  readonly value: unknown;
  /** Where it is in the event: `/data` or `/data_base64`. */
  readonly place: string;
}

interface Mapped {
  readonly usage: Record<string, unknown>;
  /** The place in the CloudEvent of a place in `usage`. */
  readonly placeOf: (path: string) => string;
}

function readData(input: Readonly<Record<string, unknown>>, { contentType }: CloudAttributes, issues: Issue[]): Data {
  const { data, data_base64: encoded } = input;
  if (encoded === undefined || encoded === null) return { value: data ?? undefined, place: "/data" };
  const place = "/data_base64";
  if (data !== undefined && data !== null) {
    issues.push({ path: place, code: "choice", message: "expected data or data_base64, got both" });
  } else if (typeof encoded !== "string") issues.push({ path: place, code: "type", message: "expected text" });
  else if (!base64.test(encoded)) issues.push({ path: place, code: "format", message: "expected base64" });
  else if (contentType === undefined || !json.test(contentType)) return { value: encoded, place };
  else {
    const parsed = parseJson(Buffer.from(encoded, "base64"));
    if ("value" in parsed) return { value: parsed.value, place };
    const { code, offset } = parsed.fault;
    issues.push({ path: place, code: "format", message: `expected JSON inside: ${code} at byte ${offset}` });
  }
  return { value: undefined, place };
}

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const json = /^[^;]*[/+]json[ \t]*(?:;|$)/i;

/** Where the attributes are that every mapping uses; the rest is the mapping's own. */
const places: Readonly<Record<string, string>> = { "/event_id": "/id", "/timestamp": "/time" };
const keptPath = "/metadata/cloudevent";

function usageOf(data: Record<string, unknown>, place: string, event: CloudAttributes, issues: Issue[]): Mapped {
  for (const [name, attribute] of [
    ["event_id", "id"],
    ["timestamp", "time"],
  ] as const) {
    if (!Object.hasOwn(data, name)) continue;
    issues.push({ path: `${place}/${name}`, code: "reserved_field", message: `is the event's attribute ${attribute}` });
  }
  const { metadata = {} } = data;
  if (isRecord(metadata) && Object.hasOwn(metadata, "cloudevent")) {
    issues.push({ path: `${place}${keptPath}`, code: "reserved_field", message: "is kept for the event's attributes" });
  }
  const own = (name: string): boolean => data[name] !== undefined && data[name] !== null;
  return {
    usage: {
      ...data,
      event_id: derivedId("cloudevent", event.source, event.id),
      timestamp: undefined,
      event_type: own("event_type") ? data["event_type"] : event.type,
      user_id: own("user_id") ? data["user_id"] : event.subject,
      metadata: isRecord(metadata) ? { ...metadata, cloudevent: event.kept } : metadata,
    },
    placeOf: (path) => {
      if (path === "/event_type" && !own("event_type")) return "/type";
      if (path === "/user_id" && !own("user_id")) return "/subject";
      return places[path] ?? (path.startsWith(keptPath) ? path.slice(keptPath.length) : place + path);
    },
  };
}

function customOf({ value, place }: Data, event: CloudAttributes): Mapped {
  // Data that is no object is nothing to measure; it is kept as a description.
  const described = value !== undefined && !isRecord(value);
  const name = place.slice(1);
  return {
    usage: {
      event_id: derivedId("cloudevent", event.source, event.id),
      service_type: "custom",
      service_provider: event.source,
      event_type: event.type,
      user_id: event.subject,
      metadata: { cloudevent: event.kept, ...(described && { [name]: value }) },
      metrics: isRecord(value) ? value : {},
    },
    placeOf: (path) => {
      if (path.startsWith("/metrics")) return place + path.slice("/metrics".length);
      if (path.startsWith(keptPath)) return path.slice(keptPath.length);
      if (path.startsWith("/metadata/data")) return path.slice("/metadata".length);
      return (
        { ...places, "/service_provider": "/source", "/event_type": "/type", "/user_id": "/subject" }[path] ?? path
      );
    },
  };
}
