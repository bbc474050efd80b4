import { memberPrefix } from "@caisson/core/run";
import type { LogEntry } from "./read-lines.ts";

/** Of a pod's log what one member wrote, prefixes and gaps included. */
export async function* linesOf(member: string, entries: AsyncIterable<LogEntry>): AsyncGenerator<LogEntry> {
  const prefix = memberPrefix(member);
  // Only the first piece of a line says whose it is.
  let [continues, own] = [false, false];
  for await (const entry of entries) {
    own = entry.kind === "gap" || (continues ? own : entry.text.startsWith(prefix));
    continues = entry.kind === "line" && entry.partial;
    if (own) yield entry;
  }
}
