import { httpProblem } from "@caisson/kit";
import { UnreadableEvent } from "../../events/judge-batch.ts";
import { parseJson } from "../../events/parse-json.ts";
import { bodyLimits, type BodyForm } from "./body-form.ts";
import { readBinary } from "./read-binary.ts";
import { invalidJson } from "./refuse.ts";

/** The events of a request as they were sent. */
export interface SentEvents {
  readonly events: readonly unknown[];
  /** Each must be a CloudEvent. */
  readonly cloudEvents: boolean;
  /** The request is one event: its answer is that event's. */
  readonly single: boolean;
}

/** Takes a body apart into events. Throws a problem where it cannot be read as a whole. */
export function readEvents(
  form: BodyForm,
  body: Buffer,
  headers: Readonly<Record<string, string | string[] | undefined>>,
): SentEvents {
  switch (form) {
    case "event":
    case "cloudevent":
      return { events: [readJson(body)], cloudEvents: form === "cloudevent", single: true };
    case "binary":
      return { events: [readBinary(body, headers)], cloudEvents: true, single: true };
    case "batch":
    case "cloudevents":
      return { events: counted(readJson(body)), cloudEvents: form === "cloudevents", single: false };
    case "lines":
      return { events: counted(readLines(body)), cloudEvents: false, single: false };
  }
}

function readJson(body: Buffer): unknown {
  const parsed = parseJson(body);
  if ("value" in parsed) return parsed.value;
  throw invalidJson(parsed.fault);
}

/** One event a line; empty lines are none. A line that cannot be read costs the others nothing. */
function readLines(body: Buffer): unknown[] {
  const events: unknown[] = [];
  for (let start = 0; start < body.length && events.length <= bodyLimits.events;) {
    const newline = body.indexOf(0x0a, start);
    const end = newline === -1 ? body.length : newline;
    const line = body.subarray(start, end);
    if (!isBlank(line)) {
      const parsed = parseJson(line);
      events.push("value" in parsed ? parsed.value : new UnreadableEvent(parsed.fault));
    }
    start = end + 1;
  }
  return events;
}

function isBlank(line: Buffer): boolean {
  return line.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);
}

function counted(events: unknown): readonly unknown[] {
  if (Array.isArray(events) && events.length > 0 && events.length <= bodyLimits.events) return events as unknown[];
  const got = Array.isArray(events) ? `${events.length > bodyLimits.events ? "more" : "none"}` : "no array";
  const message = `expected 1 to ${bodyLimits.events} events, got ${got}`;
  throw httpProblem("validation_failed", message, { errors: [{ path: "", code: "batch_size", message }] });
}
