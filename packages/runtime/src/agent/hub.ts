import type { AgentEvent } from "./protocol.ts";

/** Hands events to whoever listens. A reader that falls behind loses the oldest and is told how many. */
export interface Hub {
  tell(event: AgentEvent): void;
  /** Events from now on, until `signal` aborts. */
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

async function* listen(listeners: Set<(event: AgentEvent) => void>, signal: AbortSignal): AsyncGenerator<AgentEvent> {
  let queue: AgentEvent[] = [];
  let lost = 0;
  let wake: () => void = () => {};
  const listener = (event: AgentEvent): void => {
    if (queue.length >= backlog) {
      queue.shift();
      lost += 1;
    }
    queue.push(event);
    wake();
  };
  const stop = (): void => wake();
  listeners.add(listener);
  signal.addEventListener("abort", stop);
  try {
    while (!signal.aborted) {
      const ready = queue;
      queue = [];
      if (lost > 0) yield { type: "note", message: `${lost} events were dropped: the reader was too slow` };
      lost = 0;
      yield* ready;
      if (queue.length === 0 && !signal.aborted) await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    listeners.delete(listener);
    signal.removeEventListener("abort", stop);
  }
}
