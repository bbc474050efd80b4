import { isRecord } from "./check-value.ts";
import { isCloudEvent, normaliseCloudEvent } from "./cloud-event.ts";
import type { Instant } from "./instant.ts";
import type { Issue } from "./issue.ts";
import type { JsonFault } from "./locate-fault.ts";
import { normaliseEvent, type EventContext, type Normalised } from "./normalise-event.ts";
import { encodeEvent } from "./stored-event.ts";

/** The answer for one event of a request. `event_id` is what was sent, or what was made of a CloudEvent's source and id. */
export type EventResult =
  | {
      readonly index: number;
      readonly event_id: string;
      readonly status: "accepted" | "duplicate";
      /** Its time is before `lateBefore`: totals that somebody may have read already have changed. */
      readonly late?: true;
    }
  | {
      readonly index: number;
      readonly event_id: string | null;
      readonly status: "invalid";
      readonly errors: readonly Issue[];
    };

/** What becomes of a batch: one result per event in its order; ids and encoded events of what is to be stored. */
export interface Judged {
  readonly results: readonly EventResult[];
  readonly ids: readonly string[];
  readonly encoded: readonly string[];
}

/** What the events of a request are judged against. */
export interface BatchContext extends EventContext {
  /** Every event must be a CloudEvent; otherwise those are that say so. */
  readonly cloudEvents: boolean;
  /** An event from before this is late: accepted and counted, and marked. */
  readonly lateBefore: Instant;
}

/** Stands in a batch where a line was no JSON: its neighbours are judged all the same. */
export class UnreadableEvent {
  readonly fault: JsonFault;

  constructor(fault: JsonFault) {
    this.fault = fault;
  }
}

/** Most characters of one event in normal form. */
const maxEventLength = 64 * 1024;

/**
 * Judges every event of a batch by itself. `known` tells the ids that are already durable; a second event with the id of
 * an earlier one is a duplicate whatever else it says.
 */
export function judgeBatch(inputs: readonly unknown[], context: BatchContext, known: (id: string) => boolean): Judged {
  const ids = new Set<string>();
  const encoded: string[] = [];
  const results = inputs.map((input, index): EventResult => {
    const outcome = judge(input, context);
    if ("issues" in outcome) return { index, event_id: sentId(input), status: "invalid", errors: outcome.issues };
    const { id, at } = outcome.event;
    if (ids.has(id) || known(id)) return { index, event_id: id, status: "duplicate" };
    const text = encodeEvent(outcome.event);
    if (text.length > maxEventLength) return { index, event_id: id, status: "invalid", errors: [tooLarge] };
    ids.add(id);
    encoded.push(text);
    if (at < context.lateBefore) return { index, event_id: id, status: "accepted", late: true };
    return { index, event_id: id, status: "accepted" };
  });
  return { results, ids: [...ids], encoded };
}

const tooLarge: Issue = { path: "", code: "too_large", message: `expected at most ${maxEventLength} characters` };

function judge(input: unknown, context: BatchContext): Normalised {
  if (input instanceof UnreadableEvent) {
    const { code, path, offset } = input.fault;
    return { issues: [{ path, code, message: `at byte ${offset} of its line` }] };
  }
  if (context.cloudEvents || isCloudEvent(input)) return normaliseCloudEvent(input, context);
  return normaliseEvent(input, context);
}

function sentId(input: unknown): string | null {
  const id = isRecord(input) ? input["event_id"] : undefined;
  return typeof id === "string" && id.length <= 64 ? id : null;
}
