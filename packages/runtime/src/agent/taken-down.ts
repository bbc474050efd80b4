import type { State } from "../state/store.ts";

const key = "taken-down";

/** Whether people took the stack down: what is off then stays off, also when the host comes up again. */
export function isTakenDown(state: Pick<State, "get">): boolean {
  return state.get<boolean>(key) === true;
}

/** `false`: from here on the stack is meant to run, whatever becomes of its agent or its host. */
export function recordTakenDown(state: Pick<State, "get" | "set" | "delete">, down: boolean): void {
  if (isTakenDown(state) === down) return;
  if (down) state.set(key, true);
  else state.delete(key);
}
