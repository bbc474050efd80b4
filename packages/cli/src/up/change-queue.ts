/** Changed files, gathered until it is quiet. */
export interface ChangeQueue {
  readonly add: (path: string) => void;
  /** The files that changed since the last call, once nothing changed for a while; empty when `signal` aborts. */
  readonly next: (signal: AbortSignal) => Promise<readonly string[]>;
  /** Aborts at the next change after this call. */
  readonly arrival: () => AbortSignal;
}

/** `quietMs`: an editor's save and a formatter's are one change. */
export function changeQueue(quietMs: number): ChangeQueue {
  let files = new Set<string>();
  let last = 0;
  let wake = new AbortController();
  return {
    add(path) {
      files.add(path);
      last = performance.now();
      wake.abort();
    },
    arrival() {
      if (files.size === 0) wake = new AbortController();
      return wake.signal;
    },
    async next(signal) {
      if (files.size === 0) {
        wake = new AbortController();
        await aborted(AbortSignal.any([wake.signal, signal]));
      }
      for (let left = quietMs; left > 0 && !signal.aborted; left = last + quietMs - performance.now())
        await pause(left, signal);
      const gathered = [...files];
      files = new Set();
      return signal.aborted ? [] : gathered;
    },
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
  });
}
