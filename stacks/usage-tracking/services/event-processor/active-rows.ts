import { chunkOf, slotOf } from "../../rollups/active-users.ts";
import type { Delta } from "../../rollups/deltas.ts";

/** A row of `rollup`, and how many events each user has in it. */
export type ActiveTotal = Pick<Delta, "tenant" | "dimension" | "period" | "bucket" | "key" | "users">;

/** What a batch adds to one row of `rollup_active`. */
export interface ActiveRow {
  readonly total: ActiveTotal;
  readonly chunk: number;
  /** As `rollup_active.users` has them. */
  readonly users: readonly number[];
}

/** The rows that the users of totals are counted in, in the order of these and of their chunks. */
export function activeRows(
  totals: readonly ActiveTotal[],
  numberOf: (tenant: number, user: string) => number,
): ActiveRow[] {
  return totals.flatMap((total) => {
    const chunks = new Map<number, number[]>();
    for (const [user, count] of total.users) {
      const number = numberOf(total.tenant, user);
      const chunk = chunkOf(number);
      let users = chunks.get(chunk);
      if (!users) chunks.set(chunk, (users = []));
      users.push(count * 2048 + slotOf(number));
    }
    return [...chunks].sort(([a], [b]) => a - b).map(([chunk, users]) => ({ total, chunk, users }));
  });
}
