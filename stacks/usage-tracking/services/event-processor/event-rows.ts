import type { BatchEvent } from "./batch.ts";
import type { CopyRows } from "./copy-rows.ts";

/** The columns of {@link addEventRow}, in its order. */
export const eventColumns =
  "tenant, at, id, service, provider, type, user_id, session_id, request_id, tags, metadata, metrics, received_at";

/** Adds a row of `events`. */
export function addEventRow(rows: CopyRows, { tenant, event, received }: Omit<BatchEvent, "row" | "index">): void {
  rows.row(13);
  rows.int(tenant);
  rows.time(event.at);
  rows.uuid(event.id);
  rows.text(event.service);
  rows.text(event.provider);
  rows.text(event.type);
  rows.text(event.user);
  rows.text(event.session);
  rows.text(event.request);
  rows.texts(event.tags);
  rows.jsonb(JSON.stringify(event.metadata));
  rows.jsonb(JSON.stringify(event.metrics));
  rows.time(received);
}

/** The columns of {@link addKeyRow}, in its order. */
export const keyColumns = "tenant, key, at, seen";

/** Adds a row of `dedupe_key`. */
export function addKeyRow(rows: CopyRows, { tenant, event, received }: BatchEvent): void {
  rows.row(4);
  rows.int(tenant);
  rows.uuid(event.id);
  rows.time(event.at);
  rows.date(received);
}
