import type { AgentEvent } from "./protocol.ts";

/** Hands events to whoever listens. A reader that falls behind loses the oldest and is told how many. */
export interface Hub {
  tell(event: AgentEvent): void;
  /** Events from this call on, read or not, until `signal` aborts. */
  listen(signal: AbortSignal): AsyncIterable<AgentEvent>;
}

/** Events a slow reader may be behind by. */
const backlog = 10_000;

export function createHub(): Hub {
  const listeners = new Set<(event: AgentEvent) => void>();
  return {
    tell(event) {
      for (const listener of listeners) listener(event);
    },
    listen: (signal) => listen(listeners, signal),
  };
}

function listen(listeners: Set<(event: AgentEvent) => void>, signal: AbortSignal): AsyncIterable<AgentEvent> {
  const queue: AgentEvent[] = [];
  let lost = 0;
  let wake = Promise.withResolvers<void>();
  const listener = (event: AgentEvent): void => {
    if (queue.length >= backlog) {
      queue.shift();
      lost += 1;
    }
    queue.push(event);
    wake.resolve();
  };
  const stop = (): void => {
    listeners.delete(listener);
    wake.resolve();
  };
  if (!signal.aborted) listeners.add(listener);
  signal.addEventListener("abort", stop, { once: true });
  return (async function* read(): AsyncGenerator<AgentEvent> {
    try {
      for (;;) {
        wake = Promise.withResolvers();
        const dropped = lost;
        lost = 0;
        if (dropped > 0) yield { type: "note", message: `${dropped} events were dropped: the reader was too slow` };
        yield* queue.splice(0);
        if (queue.length > 0 || lost > 0) continue;
        if (signal.aborted) return;
        await wake.promise;
      }
    } finally {
      listeners.delete(listener);
      signal.removeEventListener("abort", stop);
    }
  })();
}
