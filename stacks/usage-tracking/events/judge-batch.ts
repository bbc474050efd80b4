import type { Issue } from "./issue.ts";
import { isRecord } from "./check-value.ts";
import { normaliseEvent, type EventContext } from "./normalise-event.ts";
import { encodeEvent } from "./stored-event.ts";

/** The answer for one event of a request. `event_id` is what was sent, where that was a text. */
export type EventResult =
  | { readonly index: number; readonly event_id: string; readonly status: "accepted" | "duplicate" }
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

/** Most characters of one event in normal form. */
const maxEventLength = 64 * 1024;

/**
 * Judges every event of a batch by itself. `known` tells the ids that are already durable; a second event with the id of
 * an earlier one is a duplicate whatever else it says.
 */
export function judgeBatch(inputs: readonly unknown[], context: EventContext, known: (id: string) => boolean): Judged {
  const ids = new Set<string>();
  const encoded: string[] = [];
  const results = inputs.map((input, index): EventResult => {
    const outcome = normaliseEvent(input, context);
    if ("issues" in outcome) return { index, event_id: sentId(input), status: "invalid", errors: outcome.issues };
    const { id } = outcome.event;
    if (ids.has(id) || known(id)) return { index, event_id: id, status: "duplicate" };
    const text = encodeEvent(outcome.event);
    if (text.length > maxEventLength) return { index, event_id: id, status: "invalid", errors: [tooLarge] };
    ids.add(id);
    encoded.push(text);
    return { index, event_id: id, status: "accepted" };
  });
  return { results, ids: [...ids], encoded };
}

const tooLarge: Issue = { path: "", code: "too_large", message: `expected at most ${maxEventLength} characters` };

function sentId(input: unknown): string | null {
  const id = isRecord(input) ? input["event_id"] : undefined;
  return typeof id === "string" && id.length <= 64 ? id : null;
}
