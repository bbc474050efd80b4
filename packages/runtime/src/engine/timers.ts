/** Named timers; setting one anew replaces it. */
export interface Timers {
  set(key: string, delayMs: number, fire: () => void): void;
  clear(key: string): void;
  /** Clears every timer whose key starts with `prefix` and a space. */
  clearAll(prefix: string): void;
  close(): void;
}

/** Timers on Node's monotonic clock, so that a jump of the wall clock moves none of them. */
export function timers(): Timers {
  const running = new Map<string, NodeJS.Timeout>();
  const clear = (key: string): void => {
    clearTimeout(running.get(key));
    running.delete(key);
  };
  return {
    set(key, delayMs, fire) {
      clear(key);
      running.set(
        key,
        setTimeout(() => {
          running.delete(key);
          fire();
        }, delayMs),
      );
    },
    clear,
    clearAll(prefix) {
      for (const key of running.keys()) if (key.startsWith(`${prefix} `)) clear(key);
    },
    close() {
      for (const key of running.keys()) clear(key);
    },
  };
}
