import { setTimeout as delay } from "node:timers/promises";

const mostInFlight = 2;
const apartMs = 250;

let inFlight = 0;
let nextStart = Number.NEGATIVE_INFINITY;
const waiting: (() => void)[] = [];

/**
 * Waits for a turn to run a program: at most 2 at a time in this process, 250 ms apart (more would cost more than what they
 * watch). Resolves with the function that ends the turn. Rejects when the signal aborts; then no turn is taken.
 */
export async function takeTurn(signal?: AbortSignal): Promise<() => void> {
  signal?.throwIfAborted();
  while (inFlight >= mostInFlight) await nextEnd(signal);
  inFlight += 1;
  const now = performance.now();
  const start = Math.max(now, nextStart);
  nextStart = start + apartMs;
  try {
    if (start > now) await delay(start - now, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    endTurn();
    throw error;
  }
  return endTurn;
}

function endTurn(): void {
  inFlight -= 1;
  waiting.shift()?.();
}

function nextEnd(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      waiting.splice(waiting.indexOf(wake), 1);
      reject(signal?.reason);
    };
    const wake = (): void => {
      signal?.removeEventListener("abort", abort);
      resolve();
    };
    waiting.push(wake);
    signal?.addEventListener("abort", abort, { once: true });
  });
}
