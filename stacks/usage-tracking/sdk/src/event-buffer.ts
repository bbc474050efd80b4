/** An event that waits to be sent: its text was made when it was tracked, so every attempt sends the same. */
export interface TrackedEvent {
  readonly id: string;
  readonly json: string;
}

/** How much may wait, what is being sent included. */
export interface BufferBounds {
  readonly maxEvents: number;
  /** Of JSON in UTF-16 units: what it takes of memory, roughly. */
  readonly maxBytes: number;
}

/** Events in the order they were tracked, never more than its bounds. */
export interface EventBuffer {
  /** False where there is no room: the event is not taken. */
  readonly add: (event: TrackedEvent) => boolean;
  /** The oldest events, at most `limit`, as many as make a batch. They stay counted until they are settled. */
  readonly take: (limit: number) => readonly TrackedEvent[];
  /** Gives the room of events that were taken back. */
  readonly settle: (events: readonly TrackedEvent[]) => void;
  /** Events that wait and were not taken. */
  readonly waiting: () => number;
}

/** What the gateway takes in one request, with room to spare for proxies that allow 1 MiB. */
const batchEvents = 1000;
const batchBytes = 1_000_000;

/** An empty buffer. */
export function createEventBuffer({ maxEvents, maxBytes }: BufferBounds): EventBuffer {
  const queue: TrackedEvent[] = [];
  let events = 0;
  let bytes = 0;
  return {
    add: (event) => {
      if (events + 1 > maxEvents || bytes + event.json.length > maxBytes) return false;
      events++;
      bytes += event.json.length;
      queue.push(event);
      return true;
    },
    take: (limit) => {
      let count = 0;
      let size = 0;
      for (const { json } of queue) {
        size += utf8Bytes(json) + 1;
        if (count > 0 && (count >= Math.min(limit, batchEvents) || size > batchBytes)) break;
        count++;
      }
      return queue.splice(0, count);
    },
    settle: (done) => {
      events -= done.length;
      for (const { json } of done) bytes -= json.length;
    },
    waiting: () => queue.length,
  };
}

/** Bytes of a text as UTF-8, at most: a unit takes up to three. */
function utf8Bytes(text: string): number {
  return /^[\0-\x7f]*$/.test(text) ? text.length : text.length * 3;
}
