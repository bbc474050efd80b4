import { createUserNumbers, type UserNumbers } from "./user-numbers.ts";

/** What a processor remembers of what it has committed, so that it need not ask again. It never has to be complete. */
export interface Known {
  /** The months whose partitions it has made sure of. */
  readonly partitions: Set<string>;
  readonly users: UserNumbers;
}

/** A memory of nothing: one for each session. */
export function createKnown(): Known {
  return { partitions: new Set(), users: createUserNumbers() };
}
