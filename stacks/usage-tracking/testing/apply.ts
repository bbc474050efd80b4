import { Client } from "pg";
import { normaliseEvent } from "../events/normalise-event.ts";
import { encodeBody, encodeEvent, jsonCodec, type StoredEvent } from "../events/stored-event.ts";
import { applyBatch, type Applied, type OwnedShard } from "../services/event-processor/apply-batch.ts";
import type { Known } from "../services/event-processor/known.ts";
import { prepareBatch } from "../services/event-processor/prepare-batch.ts";
import type { InboxRow } from "../inbox/queue.ts";

/** A connection as the processor opens it. */
export async function openClient(url: string): Promise<Client & AsyncDisposable> {
  const client = new Client({ connectionString: url, options: "-c timezone=UTC" });
  client.on("error", () => undefined); // the query in flight reports it
  await client.connect();
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end() });
}

/** The normal form of an event that must be valid. */
export function normal(sent: unknown, now: number): StoredEvent {
  const outcome = normaliseEvent(sent, { tenant: "acme", now });
  if ("issues" in outcome) throw new Error(JSON.stringify(outcome.issues));
  return outcome.event;
}

/** A row of the inbox as the processor reads it. */
export function inboxRow(seq: number, tenant: number, events: readonly StoredEvent[], writer = 0): InboxRow {
  const body = encodeBody(events.map(encodeEvent));
  return { writer, seq: BigInt(seq), tenant, receivedAt: "2026-11-20 12:00:00.123456+00", codec: jsonCodec, body };
}

/** Prepares and applies rows. */
export async function applyRows(
  client: Client,
  owned: OwnedShard,
  rows: readonly InboxRow[],
  known: Known,
  suspect: boolean,
): Promise<Applied> {
  return applyBatch(client, owned, await prepareBatch(rows), known, suspect);
}
