import { setTimeout as delay } from "node:timers/promises";
import { CaissonError } from "@caisson/core";

/** What the gateway said of a batch. */
export interface BatchAnswer {
  readonly accepted: number;
  readonly duplicate: number;
  readonly invalid: number;
  readonly results: readonly {
    readonly index: number;
    readonly status: string;
    readonly errors?: readonly { readonly path: string; readonly code: string; readonly message: string }[];
  }[];
}

/** Where batches go. */
export interface Target {
  readonly url: string;
  /** No answer for that long is none; the batch is sent again. Milliseconds. */
  readonly timeoutMs: number;
  /** Gives up when a batch was not taken for that long. Milliseconds. */
  readonly patienceMs: number;
  readonly onRetry: (reason: string) => void;
}

const backoffMs = { first: 50, most: 2_000 };

/**
 * Sends a batch until it is answered: again after a pause when the gateway is away, busy or slow. Ids make that safe.
 * Throws E_DEPENDENCY when it is refused as a whole, or not taken in `patienceMs`.
 */
export async function sendBatch(events: readonly unknown[], key: string, target: Target): Promise<BatchAnswer> {
  const giveUpAt = performance.now() + target.patienceMs;
  let pauseMs = backoffMs.first;
  for (;;) {
    const outcome = await attempt(events, key, target);
    if ("answer" in outcome) return outcome.answer;
    if (performance.now() > giveUpAt) {
      const seconds = Math.round(target.patienceMs / 1000);
      throw new CaissonError("E_DEPENDENCY", `${target.url} did not take a batch for ${seconds} s: ${outcome.again}`);
    }
    target.onRetry(outcome.again);
    // Full jitter above what was asked for: many senders do not come back at once.
    await delay(Math.max(outcome.afterMs, pauseMs * (0.5 + Math.random() / 2)));
    pauseMs = Math.min(pauseMs * 2, backoffMs.most);
  }
}

type Outcome = { readonly answer: BatchAnswer } | { readonly again: string; readonly afterMs: number };

async function attempt(events: readonly unknown[], key: string, { url, timeoutMs }: Target): Promise<Outcome> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(new URL("/api/v1/events/batch", url), {
      method: "POST",
      headers: { "content-type": "application/json", "x-api-key": key },
      body: JSON.stringify(events),
      signal: AbortSignal.timeout(timeoutMs),
    });
    text = await response.text();
  } catch (error) {
    return { again: reasonOf(error), afterMs: 0 };
  }
  if (response.status === 202 || response.status === 422) {
    // The route declares this form.
    return { answer: JSON.parse(text) as BatchAnswer };
  }
  if ([408, 429, 502, 503, 504].includes(response.status)) {
    return { again: `HTTP ${response.status}`, afterMs: retryAfterMs(response.headers.get("retry-after")) };
  }
  throw new CaissonError("E_DEPENDENCY", `${url} refused a batch with HTTP ${response.status}: ${text.slice(0, 300)}`);
}

function retryAfterMs(header: string | null): number {
  const seconds = Number(header ?? 0);
  return seconds > 0 && seconds <= 60 ? seconds * 1000 : 0;
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  return cause instanceof Error ? cause.message || cause.name : String(cause);
}
