import { CaissonError } from "@caisson/core/run";
import type { State } from "../state/store.ts";
import type { TargetName } from "./target.ts";

const key = "target";

/** Where a stack runs: where it is asked for, else where it ran, else on this host. It never moves away from its data. */
export function settleTarget(state: Pick<State, "get">, asked: TargetName | undefined): TargetName {
  const recorded = recordedTarget(state);
  if (asked !== undefined && recorded !== undefined && asked !== recorded)
    throw new CaissonError(
      "E_TARGET",
      `the stack runs on ${recorded} and its data is there; expected ${recorded}, got ${asked}`,
      { hint: `Take it down with its data first (\`caisson down -v\`), or use another environment for ${asked}.` },
    );
  return asked ?? recorded ?? "process";
}

/** From now on there may be data. What is refused before leaves the choice open. */
export function recordTarget(state: Pick<State, "get" | "set">, target: TargetName): void {
  if (recordedTarget(state) !== target) state.set(key, target);
}

/** Where a stack ran last; `undefined`: nowhere yet, or its data was removed. */
export function recordedTarget(state: Pick<State, "get">): TargetName | undefined {
  return state.get<TargetName>(key);
}

/** Lets the next `up` choose anew. */
export function forgetTarget(state: Pick<State, "delete">): void {
  state.delete(key);
}
