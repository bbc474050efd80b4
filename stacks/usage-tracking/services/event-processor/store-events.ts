import type { ClientBase } from "pg";
import { formatInstant } from "../../events/instant.ts";
import type { ActiveUser } from "./active-users.ts";
import { addDeltas } from "./add-deltas.ts";
import type { BatchEvent, DeadLetter } from "./batch.ts";
import { copyInto } from "./copy-into.ts";
import { eventColumns, keyColumns } from "./copy-text.ts";
import type { Known } from "./known.ts";
import { errorCode, isPoison } from "./poison.ts";
import { written, type Written } from "./prepare-batch.ts";

/** What became of events: stored and counted, known already, or refused by the database. */
export interface Stored {
  readonly stored: readonly BatchEvent[];
  readonly duplicates: number;
  readonly dead: readonly DeadLetter[];
  /** To be remembered once all of it is committed. */
  readonly active: readonly ActiveUser[];
}

/**
 * Stores events with their dedupe keys and adds what they count to the rollups, inside the caller's transaction. Fast
 * when none is known: keys and events are copied, and the primary key of `dedupe_key` says so if one is. With
 * `suspect`, or then, keys are inserted one by one and only new ones go on. An event that the database refuses is found
 * by halving and becomes a dead letter.
 */
export async function storeEvents(
  client: ClientBase,
  events: readonly BatchEvent[],
  suspect: boolean,
  known: Known,
  prepared?: Written,
): Promise<Stored> {
  if (events.length === 0) return { stored: [], duplicates: 0, dead: [], active: [] };
  await client.query("savepoint batch");
  try {
    const fresh = suspect ? await insertKeys(client, events) : events;
    // What was prepared is of all of them.
    const { keys, lines, deltas } = (fresh.length === events.length && prepared) || written(fresh);
    if (!suspect) await copyInto(client, "dedupe_key", keyColumns, keys);
    await copyInto(client, "events", eventColumns, lines);
    const active = await addDeltas(client, deltas, known.users);
    await client.query("release savepoint batch");
    return { stored: fresh, duplicates: events.length - fresh.length, dead: [], active };
  } catch (error) {
    const repeated = errorCode(error) === "23505" && !suspect;
    if (!repeated && !isPoison(error)) throw error;
    await client.query("rollback to savepoint batch; release savepoint batch");
    if (repeated) return storeEvents(client, events, true, known, prepared);
    const [only] = events;
    if (events.length === 1 && only) return { stored: [], duplicates: 0, dead: [refused(only, error)], active: [] };
    const middle = Math.ceil(events.length / 2);
    const first = await storeEvents(client, events.slice(0, middle), suspect, known);
    const second = await storeEvents(client, events.slice(middle), suspect, known);
    return {
      stored: [...first.stored, ...second.stored],
      duplicates: first.duplicates + second.duplicates,
      dead: [...first.dead, ...second.dead],
      active: [...first.active, ...second.active],
    };
  }
}

async function insertKeys(client: ClientBase, events: readonly BatchEvent[]): Promise<readonly BatchEvent[]> {
  const { rows } = await client.query<{ nth: string }>({
    name: "insert-keys",
    text: `with given as (
        select * from unnest($1::integer[], $2::uuid[], $3::timestamptz[], $4::date[])
          with ordinality as g (tenant, key, at, seen, nth)
      ), fresh as (
        insert into dedupe_key (${keyColumns}) select ${keyColumns} from given on conflict do nothing
        returning tenant, key
      )
      select nth from given join fresh using (tenant, key) order by nth`,
    values: [
      events.map((each) => each.tenant),
      events.map((each) => each.event.id),
      events.map((each) => formatInstant(each.event.at)),
      events.map((each) => each.receivedAt),
    ],
  });
  return rows.flatMap(({ nth }) => events[Number(nth) - 1] ?? []);
}

function refused({ row, index, event }: BatchEvent, error: unknown): DeadLetter {
  const detail = `${errorCode(error) ?? ""} ${error instanceof Error ? error.message : String(error)}`.trim();
  return { row, index, eventId: event.id, reason: "rejected", detail };
}
