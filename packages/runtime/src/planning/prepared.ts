import type { Observed, Plan, ResolvedStack } from "@caisson/core/run";
import type { GenerationRecord } from "../agent/records.ts";

/** An `up`, worked out but not done: what was found, what will be, and the operations between the two. */
export interface Prepared {
  readonly stack: ResolvedStack;
  readonly observed: Observed;
  readonly plan: Plan;
  /** The plan, one line an operation. */
  readonly text: string;
  /** By resource: what becomes its next generation when the plan sets it. */
  readonly next: ReadonlyMap<string, GenerationRecord>;
  /** Sentences for people: a port that moved and who has it, an optional part the host lacks. */
  readonly notes: readonly string[];
}
