import type { Condition } from "./resource.ts";
import type { Strength } from "./expression.ts";

/** One edge of the resolved graph: `from` depends on `to`, because of `why` (`config.databaseUrl`, `after`). */
export interface Edge {
  readonly from: string;
  readonly to: string;
  readonly strength: Strength;
  readonly condition: Condition;
  readonly why: string;
}
