import type { State } from "./store.ts";

/**
 * The same state, with the writes of one turn of the event loop made durable together: twelve services that start at once
 * cost one commit, not forty-eight. A crash before it loses the turn as a whole, which is a state that was there before;
 * what was started in that turn bears its mark and is found by it.
 */
export function writtenPerTurn(state: State): State {
  const pending = new Map<string, unknown>();
  const gone = Symbol("gone");
  let timer: NodeJS.Immediate | undefined;
  const flush = (): void => {
    clearImmediate(timer);
    timer = undefined;
    if (pending.size === 0) return;
    const changes = [...pending];
    pending.clear();
    state.transaction(() => {
      for (const [key, value] of changes) {
        if (value === gone) state.delete(key);
        else state.set(key, value);
      }
    });
  };
  const change = (key: string, value: unknown): void => {
    pending.set(key, value);
    timer ??= setImmediate(flush);
  };
  return {
    get<T>(key: string): T | undefined {
      if (!pending.has(key)) return state.get<T>(key);
      const value = pending.get(key);
      // A copy, as the state itself would give; the caller knows its shape.
      return value === gone ? undefined : (structuredClone(value) as T);
    },
    // A copy: what the caller makes of its object afterwards is not what it set.
    set: (key, value) => change(key, structuredClone(value)),
    delete: (key) => change(key, gone),
    entries<T>(prefix: string): [string, T][] {
      const found = new Map(state.entries<T>(prefix));
      for (const [key, value] of pending) {
        if (!key.startsWith(prefix)) continue;
        if (value === gone) found.delete(key);
        else found.set(key, structuredClone(value) as T); // as above
      }
      return [...found].sort(([a], [b]) => (a < b ? -1 : 1));
    },
    // What is written together in one turn is together anyway; what is broken off is as if it had not begun.
    transaction(work) {
      const before = [...pending];
      try {
        return work();
      } catch (error) {
        pending.clear();
        for (const [key, value] of before) pending.set(key, value);
        throw error;
      }
    },
    flush() {
      flush();
      return state.flush();
    },
    warnings: state.warnings,
    close() {
      flush();
      return state.close();
    },
  };
}
