import { addCounts, addLiteral, clearCounts, emptyCounts, type Counts } from "../../rollups/latency.ts";
import type { Stretch } from "./pieces.ts";

/** A row of `rollup_active`. */
export interface ActiveRow {
  /** The number of the stretch it was read for. */
  readonly nth: number;
  readonly chunk: number;
  /** Written as latencies are. */
  readonly users: string;
}

/** The rows of a text with a line each. */
export function activeOf(lines: string): ActiveRow[] {
  return lines.split("\n").map((line) => {
    const [nth, chunk, users = ""] = line.split(" ");
    return { nth: Number(nth), chunk: Number(chunk), users };
  });
}

/** How many different users there are. */
export interface UserCounts {
  readonly whole: number;
  readonly buckets: readonly number[];
}

/** Counts the users of a key in each of its buckets and in all of them: those whose events are not all taken away. */
export function countUsers(rows: readonly ActiveRow[], stretches: readonly Stretch[], buckets: number): UserCounts {
  const counted = Array.from({ length: buckets }, () => 0);
  let whole = 0;
  // The same two for all: there may be many rows.
  const [all, sum] = [emptyCounts(), emptyCounts()];
  for (const own of Map.groupBy(rows, ({ chunk }) => chunk).values()) {
    const parts = own.flatMap(({ nth, users }) => (stretches[nth]?.uses ?? []).map((use) => ({ ...use, users })));
    clearCounts(all);
    for (const [index, of] of Map.groupBy(parts, (part) => part.index)) {
      clearCounts(sum);
      for (const { users, sign } of of) addLiteral(sum, users, sign);
      counted[index] = (counted[index] ?? 0) + activeIn(sum);
      addCounts(all, sum);
    }
    whole += activeIn(all);
  }
  return { whole, buckets: counted };
}

function activeIn({ bySlot, first, end }: Counts): number {
  let active = 0;
  for (let slot = first; slot < end; slot++) if ((bySlot[slot] ?? 0) > 0) active++;
  return active;
}
