import { pipeline } from "node:stream/promises";
import { Readable } from "node:stream";
import type { ClientBase } from "pg";
import { from } from "pg-copy-streams";

/** Copies lines of the COPY text format into a table; rejects with the server's error. */
export async function copyInto(
  client: ClientBase,
  table: string,
  columns: string,
  lines: readonly Buffer[],
): Promise<void> {
  const target = client.query(from(`copy ${table} (${columns}) from stdin`));
  await pipeline(Readable.from(lines), target);
}
