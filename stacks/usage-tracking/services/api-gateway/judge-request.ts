import { isRecord } from "../../events/check-value.ts";
import { isCloudEvent } from "../../events/cloud-event.ts";
import { derivedId } from "../../events/derived-id.ts";
import { judgeBatch, type BatchContext, type EventResult } from "../../events/judge-batch.ts";
import { encodeBody } from "../../events/stored-event.ts";
import type { InboxItem } from "../../inbox/group-commit.ts";
import type { Credential } from "../../keys/key-cache.ts";
import type { Answered } from "./idempotency.ts";
import type { SentEvents } from "./read-events.ts";
import type { RecentIds } from "./recent-ids.ts";
import { invalidEvent } from "./refuse.ts";

/**
 * What a request comes to: what is to be stored, and the answer that is true once it is. All of it is texts and numbers:
 * the events are forgotten while many requests wait for their commit, so that the collector never has to look at them.
 */
export interface JudgedRequest {
  readonly answered: Answered;
  /** Missing where nothing is accepted. */
  readonly item: InboxItem | undefined;
  /** Of the accepted events. */
  readonly ids: readonly string[];
  readonly counts: Readonly<Record<EventResult["status"] | "late", number>>;
}

/** What requests are judged with. */
export interface JudgeParts {
  readonly recent: RecentIds;
  /** Seconds after which an event's time makes it late. */
  readonly lateAfterSeconds: number;
}

/**
 * Judges the events of a request; throws a problem where it is a single one that is invalid. With a key, events without an
 * id of their own get one that follows from the key and their place.
 */
export function judgeRequest(
  { events, cloudEvents, single }: SentEvents,
  { tenant, tenantName }: Credential,
  { recent, lateAfterSeconds }: JudgeParts,
  idempotencyKey?: string,
): JudgedRequest {
  const now = Date.now() * 1000;
  const lateBefore = now - lateAfterSeconds * 1_000_000;
  const context: BatchContext = { tenant: tenantName, now, cloudEvents, lateBefore };
  const named =
    idempotencyKey === undefined ? events : events.map((event, index) => withId(event, idempotencyKey, index));
  const { results, ids, encoded } = judgeBatch(named, context, (id) => recent.has(tenant, id));
  const counts = countsOf(results);
  return {
    answered: single ? answerOne(results) : answerMany(results, counts),
    item: encoded.length === 0 ? undefined : { tenant, events: encoded.length, body: encodeBody(encoded) },
    ids,
    counts,
  };
}

function withId(event: unknown, key: string, index: number): unknown {
  if (!isRecord(event) || isCloudEvent(event) || (event["event_id"] ?? null) !== null) return event;
  return { ...event, event_id: derivedId("idempotency-key", key, String(index)) };
}

function countsOf(results: readonly EventResult[]): JudgedRequest["counts"] {
  const counts = { accepted: 0, duplicate: 0, invalid: 0, late: 0 };
  for (const result of results) {
    counts[result.status]++;
    if ("late" in result) counts.late++;
  }
  return counts;
}

function answerOne([only]: readonly EventResult[]): Answered {
  if (!only || only.status === "invalid") throw invalidEvent(only?.errors ?? []);
  const { index: _, ...answer } = only;
  return { status: 202, text: JSON.stringify(answer) };
}

function answerMany(results: readonly EventResult[], counts: JudgedRequest["counts"]): Answered {
  const { accepted, duplicate, invalid } = counts;
  // Nothing to keep: the sender, who may look at the status alone, must not think otherwise.
  const status = invalid === results.length ? 422 : 202;
  return { status, text: JSON.stringify({ accepted, duplicate, invalid, results }) };
}
