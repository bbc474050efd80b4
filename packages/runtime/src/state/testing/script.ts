import type { Migration } from "../schema.ts";
import type { State } from "../store.ts";

/** A sequence of writes as an agent does them: single ones, overwrites, several at once, deletions. */
export const script: readonly ((state: Pick<State, "set" | "delete" | "transaction">) => void)[] = [
  (state) => state.set("instance", "i1"),
  (state) => state.set("unit/a", { pid: 1, text: "x".repeat(3000) }),
  (state) =>
    state.transaction(() => {
      state.set("unit/a", { pid: 2 });
      state.set("unit/b", { pid: 2 });
      state.delete("instance");
    }),
  (state) => state.set("unit/a", { pid: 3 }),
  (state) => state.delete("unit/b"),
  (state) =>
    state.transaction(() => {
      for (let index = 0; index < 50; index++) state.set(`log/${index}`, "y".repeat(200));
    }),
];

/** Version 2 wraps every value, version 3 adds a key. */
export const migrations: readonly Migration[] = [
  (entries) => new Map([...entries].map(([key, value]) => [key, { wrapped: value }])),
  (entries) => new Map([...entries, ["migrated", true]]),
];

/** What the state holds after the first `count` steps. */
export function modelAfter(count: number): Record<string, unknown> {
  const model = new Map<string, unknown>();
  const state = {
    set: (key: string, value: unknown) => void model.set(key, value),
    delete: (key: string) => void model.delete(key),
    transaction: <T>(work: () => T): T => work(),
  };
  for (const step of script.slice(0, count)) step(state);
  return Object.fromEntries(model);
}
