import { pipeline } from "node:stream/promises";
import { Readable } from "node:stream";
import type { ClientBase } from "pg";
import { from } from "pg-copy-streams";

/** Copies rows of the binary COPY format into a table; rejects with the server's error. */
export async function copyInto(
  client: ClientBase,
  table: string,
  columns: string,
  chunks: readonly Buffer[],
): Promise<void> {
  const target = client.query(from(`copy ${table} (${columns}) from stdin (format binary)`));
  await pipeline(Readable.from(chunks), target);
}
