import { formatInstant } from "../../events/instant.ts";
import type { BatchEvent } from "./batch.ts";

/** The columns of {@link eventLine}, in its order. */
export const eventColumns =
  "tenant, at, id, service, provider, type, user_id, session_id, request_id, tags, metadata, metrics, received_at";

/** A row of `events` in PostgreSQL's COPY text format, line feed included. */
export function eventLine({ tenant, event, receivedAt }: BatchEvent): string {
  const fields = [
    String(tenant),
    formatInstant(event.at),
    event.id,
    escaped(event.service),
    escaped(event.provider),
    escaped(event.type),
    optional(event.user),
    optional(event.session),
    optional(event.request),
    escaped(arrayLiteral(event.tags)),
    escaped(JSON.stringify(event.metadata)),
    escaped(JSON.stringify(event.metrics)),
    receivedAt,
  ];
  return `${fields.join("\t")}\n`;
}

/** The columns of {@link keyLine}, in its order. */
export const keyColumns = "tenant, key, at, seen";

/** A row of `dedupe_key` in the COPY text format, line feed included. */
export function keyLine({ tenant, event, receivedAt }: BatchEvent): string {
  return `${tenant}\t${event.id}\t${formatInstant(event.at)}\t${receivedAt}\n`;
}

const special = /[\\\t\n\r]/;
const escapes: Readonly<Record<string, string>> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" };

function escaped(text: string): string {
  return special.test(text) ? text.replaceAll(/[\\\t\n\r]/g, (found) => escapes[found] ?? found) : text;
}

function optional(text: string | undefined): string {
  return text === undefined ? "\\N" : escaped(text);
}

function arrayLiteral(texts: readonly string[]): string {
  return `{${texts.map((text) => `"${text.replaceAll(/["\\]/g, "\\$&")}"`).join(",")}}`;
}
