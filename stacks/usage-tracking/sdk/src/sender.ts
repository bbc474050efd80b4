import type { BatchAnswer } from "./api.ts";
import { backoffMs, pause, type RetryBounds } from "./backoff.ts";
import type { TrackedEvent } from "./event-buffer.ts";
import { request, type Connection } from "./request.ts";
import { isPassing, UsageError } from "./usage-error.ts";

/** What sending needs. */
export interface SenderParts extends Connection {
  readonly url: string;
  readonly retry: RetryBounds;
  /** Ends all sending; what was not acknowledged then is lost with an error of kind `closed`. */
  readonly signal: AbortSignal;
}

/** An event that was given up, and why. */
export interface Loss {
  readonly event: TrackedEvent;
  readonly error: UsageError;
}

/** Sends a batch, again and again where that may help; resolves once every event is acknowledged or among the losses. */
export async function sendBatch(events: readonly TrackedEvent[], parts: SenderParts): Promise<readonly Loss[]> {
  const { url, retry, signal } = parts;
  const body = `[${events.map(({ json }) => json).join(",")}]`;
  for (let attempt = 0; ; attempt++) {
    try {
      const answer = await request(parts, `${url}/api/v1/events/batch`, { body, wanted: [202, 422], signal });
      return lossesOf(events, resultsOf(answer.body, events.length));
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      if (!isPassing(error)) return events.map((event) => ({ event, error }));
      await pause(backoffMs(attempt, error.retryAfterMs, retry, Math.random), signal);
      if (signal.aborted) {
        const closed = new UsageError(
          "closed",
          `the client was closed before an event was acknowledged: ${error.message}`,
        );
        return events.map((event) => ({ event, error: closed }));
      }
    }
  }
}

type Results = BatchAnswer["results"];

function resultsOf(body: unknown, expected: number): Results {
  const { results } = body as Partial<BatchAnswer>;
  if (Array.isArray(results) && results.length === expected) return results;
  throw new UsageError(
    "server",
    `expected a result for each of ${expected} events, got ${JSON.stringify(body).slice(0, 80)}`,
  );
}

function lossesOf(events: readonly TrackedEvent[], results: Results): Loss[] {
  return results.flatMap((result, index) => {
    const event = events[index];
    if (result.status !== "invalid" || !event) return [];
    const errors = result.errors ?? [];
    const message = errors.map(({ path, message: reason }) => `${path} ${reason}`.trim()).join("; ");
    return { event, error: new UsageError("validation", `the event was refused: ${message}`, { status: 422, errors }) };
  });
}
