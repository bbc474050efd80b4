import type { ClientBase } from "pg";
import { instantSql } from "../../events/instant-sql.ts";
import type { InboxRow } from "../../inbox/queue.ts";
import { createRowReader } from "../event-processor/batch.ts";
import { insertDeadLetters } from "../event-processor/dead-letters.ts";
import { ensurePartitions, monthsOf } from "../event-processor/ensure-partitions.ts";
import { createKnown } from "../event-processor/known.ts";
import { raiseVersions } from "../event-processor/raise-versions.ts";
import { storeEvents } from "../event-processor/store-events.ts";

/** Which dead letters are meant: those of one tenant, one by its id, or all. */
export interface LetterFilter {
  readonly tenant?: string | undefined;
  readonly id?: string | undefined;
}

/** A dead letter as it is listed. */
export interface ListedLetter {
  readonly id: string;
  readonly at: string;
  /** `null` of what came from no tenant there is. */
  readonly tenant: string | null;
  readonly event_id: string | null;
  readonly reason: string;
  readonly detail: string;
  readonly attempts: number;
}

const matching = "($1::text is null or t.name = $1) and ($2::uuid is null or d.id = $2)";

/** Dead letters, oldest first. */
export async function listLetters(
  client: ClientBase,
  { tenant, id }: LetterFilter,
  limit: number,
): Promise<ListedLetter[]> {
  const { rows } = await client.query<ListedLetter>(
    `select d.id, ${instantSql("d.at")} as at, t.name as tenant, d.event_id,
       d.reason, d.detail, d.attempts
     from dead_letter_events d left join tenant t on t.id = d.tenant where ${matching} order by d.at, d.id limit $3`,
    [tenant ?? null, id ?? null, limit],
  );
  return rows;
}

/** What became of a dead letter that was tried again. */
export interface Redriven {
  readonly stored: number;
  readonly duplicates: number;
  readonly dead: number;
}

interface StoredLetter {
  readonly tenant: number;
  readonly shard: number;
  readonly writer: number;
  readonly seq: string;
  readonly index: number | null;
  readonly codec: number;
  readonly received_at: string;
  readonly attempts: number;
  readonly body: Buffer;
}

/**
 * Tries one dead letter again, inside the caller's transaction: it leaves the dead letters as its events come into
 * `events` and totals, or is put back with the newest reason. It needs no shard: keys are unique and deltas add up,
 * whoever writes them. `undefined`: it is gone, or somebody else has it in hand.
 */
export async function redriveLetter(client: ClientBase, id: string): Promise<Redriven | undefined> {
  const { rows } = await client.query<StoredLetter>(
    `delete from dead_letter_events where (id, at) = (
       select id, at from dead_letter_events where id = $1 for update skip locked
     ) returning tenant, shard, writer, seq, index, codec, received_at::text, attempts, body`,
    [id],
  );
  const [letter] = rows;
  if (!letter) return undefined;
  const reader = createRowReader();
  const read = reader.next(rowOf(letter));
  const batch = { events: () => read };
  const known = createKnown();
  await ensurePartitions(client, monthsOf(batch), known.partitions);
  const { stored, tenants, duplicates, dead } = await storeEvents(client, batch, true, known);
  // Put back as what it was: one event keeps its place in the request that brought it.
  const letters = [...reader.dead, ...dead].map((each) => ({
    ...each,
    ...(letter.index !== null && { index: letter.index }),
  }));
  await insertDeadLetters(client, letter.shard, letters, letter.attempts + 1);
  await raiseVersions(client, tenants);
  return { stored, duplicates: reader.duplicates() + duplicates, dead: letters.length };
}

function rowOf({ tenant, writer, seq, index, codec, received_at, body }: StoredLetter): InboxRow {
  const whole = index === null ? body : Buffer.concat([Buffer.from("["), body, Buffer.from("]")]);
  return { tenant, writer, seq: BigInt(seq), codec, receivedAt: received_at, body: whole };
}
