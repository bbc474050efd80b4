/*
 * Who was active, as `rollup_active` has it: users have numbers, 128 of which share a row, and a row has counts by slot, as
 * latencies are counted.
 */

/** Users of one row. A row stays below the 2 kB at which its array would be compressed and moved out with every change. */
export const chunkUsers = 128;

/** The chunk of a user's number. */
export function chunkOf(number: number): number {
  return Math.floor(number / chunkUsers);
}

/** The slot of a user's number in its chunk. */
export function slotOf(number: number): number {
  return number % chunkUsers;
}
