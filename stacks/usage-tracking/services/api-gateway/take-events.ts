import type { Handles } from "@caisson/kit";
import { isRecord } from "../../events/check-value.ts";
import { isCloudEvent } from "../../events/cloud-event.ts";
import { derivedId } from "../../events/derived-id.ts";
import { judgeBatch, type EventResult } from "../../events/judge-batch.ts";
import { encodeBody } from "../../events/stored-event.ts";
import { InboxRefusal, type GroupCommit } from "../../inbox/group-commit.ts";
import type { Credential } from "../../keys/key-cache.ts";
import type { apiGateway } from "./contract.ts";
import type { SentEvents } from "./read-events.ts";
import type { RecentIds } from "./recent-ids.ts";
import { unavailable } from "./refuse.ts";

/** What taking events needs. */
export interface TakeParts {
  readonly commit: GroupCommit;
  readonly recent: RecentIds;
  readonly metrics: Handles<(typeof apiGateway)["metrics"]>;
  /** Seconds after which an event's time makes it late. */
  readonly lateAfterSeconds: number;
}

/**
 * Judges events and waits until the accepted ones are durable; one result for each. With a key, events without an id of
 * their own get one that follows from the key and their place.
 */
export async function takeEvents(
  { events, cloudEvents }: SentEvents,
  { tenant, tenantName }: Credential,
  parts: TakeParts,
  idempotencyKey?: string,
): Promise<readonly EventResult[]> {
  const { recent, metrics, lateAfterSeconds } = parts;
  const now = Date.now() * 1000;
  const context = { tenant: tenantName, now, cloudEvents, lateBefore: now - lateAfterSeconds * 1_000_000 };
  const named =
    idempotencyKey === undefined ? events : events.map((event, index) => withId(event, idempotencyKey, index));
  const { results, ids, encoded } = judgeBatch(named, context, (id) => recent.has(tenant, id));
  if (encoded.length > 0) await store(encoded, tenant, parts);
  recent.add(tenant, ids);
  count(results, metrics);
  return results;
}

function withId(event: unknown, key: string, index: number): unknown {
  if (!isRecord(event) || isCloudEvent(event) || (event["event_id"] ?? null) !== null) return event;
  return { ...event, event_id: derivedId("idempotency-key", key, String(index)) };
}

function count(results: readonly EventResult[], metrics: TakeParts["metrics"]): void {
  const counts = { accepted: 0, duplicate: 0, invalid: 0 };
  let late = 0;
  for (const result of results) {
    counts[result.status]++;
    if ("late" in result) late++;
  }
  for (const [result, events] of Object.entries(counts)) if (events > 0) metrics.ingested.inc({ result }, events);
  if (late > 0) metrics.late.inc(late);
}

async function store(encoded: readonly string[], tenant: number, { commit, metrics }: TakeParts): Promise<void> {
  const began = performance.now();
  try {
    const done = commit.submit({ tenant, events: encoded.length, body: encodeBody(encoded) });
    metrics.pendingBytes.set(commit.pendingBytes());
    await done;
    metrics.ackSeconds.observe((performance.now() - began) / 1000);
  } catch (error) {
    if (!(error instanceof InboxRefusal)) throw error;
    metrics.refused.inc({ reason: error.reason });
    const seconds = error.reason === "disk" ? 60 : 1;
    throw unavailable(`the events were not stored (inbox ${error.reason}); send them again`, error, seconds);
  } finally {
    metrics.pendingBytes.set(commit.pendingBytes());
  }
}
