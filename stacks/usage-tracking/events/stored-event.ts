import type { Instant } from "./instant.ts";
import type { ServiceType } from "./service-fields.ts";

/** A value that JSON can hold and PostgreSQL can keep. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

/**
 * An accepted event in its one normal form: the same from the gateway to the table. `at` is the event's time;
 * descriptive fields of its service type are in `metadata`, measured numbers in `metrics`.
 */
export interface StoredEvent {
  /** Lower-case UUID. */
  readonly id: string;
  readonly at: Instant;
  readonly service: ServiceType;
  readonly provider: string;
  readonly type: string;
  readonly user?: string | undefined;
  readonly session?: string | undefined;
  readonly request?: string | undefined;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, JsonValue>>;
  readonly metrics: Readonly<Record<string, JsonValue>>;
}

/** How a body of the inbox is written. A new form gets a new number; old rows stay readable. */
export const jsonCodec = 1;

/** One event as text, as bodies of the inbox hold it. */
export function encodeEvent(event: StoredEvent): string {
  return JSON.stringify(event);
}

/** Encoded events as a body of the inbox. */
export function encodeBody(encoded: readonly string[]): Buffer {
  return Buffer.from(`[${encoded.join(",")}]`);
}

/**
 * The events of a body by index, `undefined` where an item is none. Throws when the body as a whole cannot be read. The
 * caller puts either among the dead letters.
 */
export function decodeEvents(codec: number, body: Buffer): (StoredEvent | undefined)[] {
  if (codec !== jsonCodec) throw new Error(`expected codec ${jsonCodec}, got ${codec}`);
  const events: unknown = JSON.parse(body.toString("utf8"));
  if (!Array.isArray(events)) throw new Error(`expected an array of events, got ${typeof events}`);
  return events.map((event: unknown) => (isStored(event) ? event : undefined));
}

// The gateway wrote it; this only keeps what is plainly something else from being counted.
function isStored(event: unknown): event is StoredEvent {
  if (typeof event !== "object" || event === null) return false;
  const { id, at, service, provider, type, tags, metadata, metrics } = event as Partial<Record<string, unknown>>;
  return (
    typeof id === "string" &&
    typeof service === "string" &&
    typeof provider === "string" &&
    typeof type === "string" &&
    Number.isSafeInteger(at) &&
    Array.isArray(tags) &&
    typeof metadata === "object" &&
    metadata !== null &&
    typeof metrics === "object" &&
    metrics !== null
  );
}
