import { checkFields } from "./check-fields.ts";
import { checkJson } from "./check-json.ts";
import { checkText, isRecord } from "./check-value.ts";
import { parseInstant, type Instant } from "./instant.ts";
import type { Issue } from "./issue.ts";
import { serviceFields, serviceTypes, type ServiceType } from "./service-fields.ts";
import type { JsonValue, StoredEvent } from "./stored-event.ts";

/** What an event is judged against. */
export interface EventContext {
  /** The tenant of the credential, as people know it. */
  readonly tenant: string;
  /** When the request came: the time of an event that has none, and the measure of what is too far ahead. */
  readonly now: Instant;
}

/** An event in normal form, or everything that is wrong with it. */
export type Normalised = { readonly event: StoredEvent } | { readonly issues: readonly Issue[] };

/** Most issues reported of one event: an answer is never much larger than what was sent. */
const maxIssues = 10;
/** Events from before this are refused: their partitions would never be asked for. */
const earliest = Date.UTC(2000, 0, 1) * 1000;
/** Clocks differ; an event may be this far ahead of ours. */
const maxAhead = 3600 * 1_000_000;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Checks an event as it was sent and brings it into its one normal form. Reports the first ten problems. */
export function normaliseEvent(input: unknown, context: EventContext): Normalised {
  const result = normalise(input, context);
  return "issues" in result ? { issues: result.issues.slice(0, maxIssues) } : result;
}

function normalise(input: unknown, context: EventContext): Normalised {
  if (!isRecord(input)) return { issues: [{ path: "", code: "type", message: "expected an object" }] };
  const issues: Issue[] = [];
  // Paths are spelled out: making one for each field of each event costs as much as the check.
  const id = checkText(input["event_id"], "/event_id", 36, true, issues);
  if (id !== undefined && !uuid.test(id)) {
    issues.push({ path: "/event_id", code: "format", message: "expected a UUID" });
  }
  const at = checkTime(input["timestamp"], context.now, issues);
  const tenant = checkText(input["tenant_id"], "/tenant_id", 255, false, issues);
  if (tenant !== undefined && tenant !== context.tenant) {
    issues.push({ path: "/tenant_id", code: "tenant_mismatch", message: "is not the tenant of this API key" });
  }
  const provider = checkText(input["service_provider"], "/service_provider", 255, true, issues);
  const user = checkText(input["user_id"], "/user_id", 255, false, issues);
  const session = checkText(input["session_id"], "/session_id", 255, false, issues);
  const request = checkText(input["request_id"], "/request_id", 255, false, issues);
  const type = checkText(input["event_type"], "/event_type", 255, false, issues);
  const tags = checkTags(input["tags"], issues);
  const metadata = checkObject(input["metadata"], "/metadata", issues);
  const service = checkService(checkText(input["service_type"], "/service_type", 255, true, issues), issues);
  if (service === undefined) return { issues };
  const split = checkFields(service, input, metadata, issues);
  if (issues.length > 0 || id === undefined || provider === undefined) return { issues };

  // One form of object for all: members that are missing are not written.
  const event: StoredEvent = {
    id: id.toLowerCase(),
    at,
    service,
    provider,
    type: type ?? serviceFields[service].defaultType,
    user,
    session,
    request,
    tags,
    metadata: split.metadata,
    metrics: split.metrics,
  };
  return { event };
}

function checkTime(value: unknown, now: Instant, issues: Issue[]): Instant {
  const path = "/timestamp";
  if (value === undefined || value === null) return now;
  if (typeof value !== "string") {
    issues.push({ path, code: "type", message: "expected text" });
    return now;
  }
  const at = parseInstant(value);
  if (at === undefined) {
    issues.push({ path, code: "format", message: "expected an RFC 3339 date-time with an offset" });
    return now;
  }
  if (at < earliest || at > now + maxAhead) {
    issues.push({ path, code: "timestamp_range", message: "expected a time from 2000 to an hour from now" });
  }
  return at;
}

function checkService(value: string | undefined, issues: Issue[]): ServiceType | undefined {
  const service = serviceTypes.find((each) => each === value);
  if (service === undefined && value !== undefined) {
    issues.push({ path: "/service_type", code: "choice", message: `expected one of ${serviceTypes.join(", ")}` });
  }
  return service;
}

function checkTags(value: unknown, issues: Issue[]): string[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) {
    issues.push({ path: "/tags", code: "type", message: "expected an array of texts" });
    return [];
  }
  if (value.length > 32) issues.push({ path: "/tags", code: "length", message: "expected at most 32 tags" });
  return value.slice(0, 32).flatMap((tag: unknown, index) => checkText(tag, `/tags/${index}`, 64, true, issues) ?? []);
}

function checkObject(value: unknown, path: string, issues: Issue[]): Record<string, JsonValue> | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isRecord(value)) {
    issues.push({ path, code: "type", message: "expected an object" });
    return undefined;
  }
  return checkJson(value, path, issues);
}
