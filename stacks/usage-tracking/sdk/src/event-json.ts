import type { EventInput, ServiceType } from "./api.ts";
import type { TrackedEvent } from "./event-buffer.ts";
import { UsageError } from "./usage-error.ts";

/**
 * The text of an event, with the id and the time that it keeps from now on: however often it is sent, it counts once.
 * Throws for what JSON would change silently (NaN becomes null) or cannot hold.
 */
export function eventJson<Service extends ServiceType>(service: Service, input: EventInput<Service>): TrackedEvent {
  const id = input.event_id ?? crypto.randomUUID();
  const timestamp = input.timestamp ?? new Date().toISOString();
  try {
    const json = JSON.stringify({ ...input, event_id: id, timestamp, service_type: service }, onlyFinite);
    return { id, json };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError("validation", `the event cannot be written as JSON: ${reason}`, { cause });
  }
}

function onlyFinite(key: string, value: unknown): unknown {
  if (typeof value === "number" && !Number.isFinite(value)) throw new TypeError(`${key} is ${value}`);
  return value;
}
