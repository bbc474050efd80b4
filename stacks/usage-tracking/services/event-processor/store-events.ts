import type { ClientBase } from "pg";
import { formatInstant } from "../../events/instant.ts";
import { addDeltas } from "./add-deltas.ts";
import type { BatchEvent, DeadLetter } from "./batch.ts";
import { copyInto } from "./copy-into.ts";
import { eventColumns, keyColumns } from "./event-rows.ts";
import type { Known } from "./known.ts";
import { errorCode, isPoison } from "./poison.ts";
import { write, type PreparedBatch, type Written } from "./prepare-batch.ts";
import type { NumberedUser } from "./user-numbers.ts";

/** What became of events: stored and counted, known already, or refused by the database. */
export interface Stored {
  readonly stored: number;
  /** Whose events were stored. */
  readonly tenants: readonly number[];
  readonly duplicates: number;
  readonly dead: readonly DeadLetter[];
  /** To be remembered once all of it is committed. */
  readonly users: readonly NumberedUser[];
}

/**
 * Some events of a batch are refused, and are not searched for: to be given again in smaller batches. Nothing of it is stored.
 */
export class RefusedBatchError extends Error {
  constructor(events: number, cause: unknown) {
    super(`the database refuses some of ${events} events`, { cause });
    this.name = "RefusedBatchError";
  }
}

/** Of a prepared batch what is stored; without `written` it is written here. */
type Writable = Pick<PreparedBatch, "written" | "events">;

const nothing: Stored = { stored: 0, tenants: [], duplicates: 0, dead: [], users: [] };

/**
 * Stores events with their dedupe keys and adds what they count to the rollups, inside the caller's transaction. Fast
 * when none is known: keys and events are copied, and the primary key of `dedupe_key` says so if one is. With
 * `suspect`, or then, keys are inserted one by one and only new ones go on. An event that the database refuses is found
 * by halving and becomes a dead letter; without `search` nothing is stored then (RefusedBatchError).
 */
export async function storeEvents(
  client: ClientBase,
  batch: Writable,
  suspect: boolean,
  known: Known,
  search = true,
): Promise<Stored> {
  if ((batch.written?.count ?? batch.events().length) === 0) return nothing;
  await client.query("savepoint batch");
  try {
    const stored = await (suspect ? storeNew(client, batch, known) : storeAll(client, batch, known));
    await client.query("release savepoint batch");
    return stored;
  } catch (error) {
    const repeated = errorCode(error) === "23505" && !suspect;
    if (!repeated && !isPoison(error)) throw error;
    await client.query("rollback to savepoint batch; release savepoint batch");
    if (repeated) return storeEvents(client, batch, true, known, search);
    const events = batch.events();
    if (!search) throw new RefusedBatchError(events.length, error);
    const [only] = events;
    if (events.length === 1 && only) return { ...nothing, dead: [refused(only, error)] };
    const middle = Math.ceil(events.length / 2);
    const first = await storeEvents(client, { events: () => events.slice(0, middle) }, suspect, known);
    const second = await storeEvents(client, { events: () => events.slice(middle) }, suspect, known);
    return {
      stored: first.stored + second.stored,
      tenants: [...new Set([...first.tenants, ...second.tenants])],
      duplicates: first.duplicates + second.duplicates,
      dead: [...first.dead, ...second.dead],
      users: [...first.users, ...second.users],
    };
  }
}

async function storeAll(client: ClientBase, batch: Writable, known: Known): Promise<Stored> {
  const written = batch.written ?? write(batch.events());
  await copyInto(client, "dedupe_key", keyColumns, written.keys);
  return addWritten(client, written, known);
}

async function storeNew(client: ClientBase, batch: Writable, known: Known): Promise<Stored> {
  const events = batch.events();
  const fresh = await insertKeys(client, events);
  const duplicates = events.length - fresh.length;
  // What was prepared is of all of them.
  const written = (duplicates === 0 && batch.written) || write(fresh);
  return { ...(await addWritten(client, written, known)), duplicates };
}

/** Everything but the keys. */
async function addWritten(client: ClientBase, { count, events, deltas }: Written, known: Known): Promise<Stored> {
  await copyInto(client, "events", eventColumns, events);
  const users = await addDeltas(client, deltas, known.users);
  return { ...nothing, stored: count, tenants: deltas.tenants, users };
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
      events.map((each) => each.row.receivedAt),
    ],
  });
  return rows.flatMap(({ nth }) => events[Number(nth) - 1] ?? []);
}

function refused({ row, index, event }: BatchEvent, error: unknown): DeadLetter {
  const detail = `${errorCode(error) ?? ""} ${error instanceof Error ? error.message : String(error)}`.trim();
  return { row, index, eventId: event.id, reason: "rejected", detail };
}
