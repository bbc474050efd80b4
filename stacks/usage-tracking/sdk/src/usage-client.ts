import type { AnswerOf, EventInput, QueryPath, Question, ServiceType } from "./api.ts";
import type { RetryBounds } from "./backoff.ts";
import { createEventBuffer, type TrackedEvent } from "./event-buffer.ts";
import { eventJson } from "./event-json.ts";
import { createQueries } from "./queries.ts";
import { sendBatch, type Loss } from "./sender.ts";
import { UsageError } from "./usage-error.ts";

/** How a client is made. */
export interface UsageClientOptions {
  /** Where events go: `https://usage.example.org`, the edge or the gateway itself. */
  readonly url: string;
  /** Where questions go. Default: `url`, as behind the edge. */
  readonly queryUrl?: string;
  readonly apiKey: string;
  /** Told of every event that is given up, with the reason. Nothing is lost without a call of it. */
  readonly onLost: (event: TrackedEvent, error: UsageError) => void;
  /** Events that make the client send what it has. Default 100. */
  readonly flushEvents?: number;
  /** Longest wait of an event before it is sent, in milliseconds. Default 5000. */
  readonly flushMs?: number;
  /** Most events in memory, those being sent included. Default 10,000. One more is given up (`buffer_full`). */
  readonly maxEvents?: number;
  /** The same in characters of JSON. Default 16 Mi. */
  readonly maxBytes?: number;
  /** Bounds of the wait between attempts. Default 200 ms to 30 s. */
  readonly retry?: RetryBounds;
  /** Milliseconds until a request without an answer counts as failed. Default 30,000. */
  readonly requestTimeoutMs?: number;
  /** Longest wait of `close` for what is not acknowledged yet, in milliseconds. Default 10,000. */
  readonly closeMs?: number;
}

/** Tracks events and asks questions. */
export interface UsageClient extends AsyncDisposable {
  /**
   * Takes an event, gives its id. Nothing is awaited and a full buffer does not throw (`onLost` is told); what the program
   * itself did wrong does: an event that is no JSON (`validation`), a client that was closed (`closed`).
   */
  readonly trackLlm: Track<"llm_service">;
  readonly trackDocument: Track<"document_processor">;
  readonly trackApi: Track<"api_service">;
  readonly trackCustom: Track<"custom">;
  /** Resolves once everything tracked so far is acknowledged or was told to `onLost`. */
  readonly flush: () => Promise<void>;
  /** Takes nothing more, sends what there is; resolves when that is done, after `closeMs` at the latest. */
  readonly close: () => Promise<void>;
  /** The answer of a route of the query service, and how old it may be. Tried four times at most. */
  readonly get: <Path extends QueryPath>(path: Path, question: Question<Path>) => Promise<Fresh<AnswerOf<Path>>>;
  /** Every event of a range of time, newest first, page after page. */
  readonly events: (query: Question<"/api/v1/usage">["query"]) => AsyncGenerator<ListedEvent>;
}

type Track<Service extends ServiceType> = (event: EventInput<Service>) => string;

/** An answer; acknowledged events older than `lagSeconds` are in it for sure. Without it the queue could not be asked. */
export interface Fresh<T> {
  readonly data: T;
  readonly lagSeconds?: number;
}

/** An event as the query service lists it. */
export type ListedEvent = AnswerOf<"/api/v1/usage">["events"][number];

/** A client. It keeps a program running while events wait: `close` it in the end. */
export function createUsageClient(options: UsageClientOptions): UsageClient {
  const { apiKey, onLost, flushEvents = 100, flushMs = 5000, closeMs = 10_000, requestTimeoutMs = 30_000 } = options;
  const buffer = createEventBuffer({
    maxEvents: options.maxEvents ?? 10_000,
    maxBytes: options.maxBytes ?? 16 * 1024 * 1024,
  });
  const stop = new AbortController();
  const parts = {
    apiKey,
    requestTimeoutMs,
    url: withoutSlash(options.url),
    retry: options.retry ?? { minMs: 200, maxMs: 30_000 },
    signal: stop.signal,
  };
  const queries = createQueries({ ...parts, url: withoutSlash(options.queryUrl ?? options.url) });

  // One request is under way at a time. `due` events of the buffer are to be sent now, the rest waits for more company.
  let due = 0;
  let sending: Promise<void> | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let closing: Promise<void> | undefined;
  // Events are settled in the order they were tracked, so two counts tell which of them are.
  let tracked = 0;
  let settled = 0;
  let waiters: { readonly target: number; readonly resolve: () => void }[] = [];

  const sendDue = async (): Promise<void> => {
    while (due > 0) {
      const batch = buffer.take(due);
      due -= batch.length;
      const losses = await sendBatch(batch, parts);
      buffer.settle(batch);
      settled += batch.length;
      tell(losses);
      for (const { target, resolve } of waiters) if (target <= settled) resolve();
      waiters = waiters.filter(({ target }) => target > settled);
      if (buffer.waiting() >= flushEvents) due = buffer.waiting();
    }
    sending = undefined;
  };
  const send = (): void => {
    clearTimeout(timer);
    timer = undefined;
    due = buffer.waiting();
    sending ??= sendDue();
  };
  const flush = (): Promise<void> => {
    send();
    const { promise, resolve } = Promise.withResolvers<void>();
    if (settled === tracked) resolve();
    else waiters.push({ target: tracked, resolve });
    return promise;
  };
  const tell = (losses: readonly Loss[]): void => {
    for (const { event, error } of losses) {
      try {
        onLost(event, error);
      } catch (thrown) {
        // A bug of the callback is the program's to hear of; it must not stop the sending.
        queueMicrotask(() => {
          throw thrown;
        });
      }
    }
  };
  const track =
    <Service extends ServiceType>(service: Service): Track<Service> =>
    (input) => {
      if (closing) throw new UsageError("closed", "expected a client that is open, got an event after close()");
      const event = eventJson(service, input);
      if (!buffer.add(event)) {
        tell([
          { event, error: new UsageError("buffer_full", "too many events wait to be sent; this one was not taken") },
        ]);
        return event.id;
      }
      tracked++;
      if (buffer.waiting() >= flushEvents) send();
      else timer ??= setTimeout(send, flushMs);
      return event.id;
    };
  const close = async (): Promise<void> => {
    const late = setTimeout(() => stop.abort(), closeMs);
    await flush();
    clearTimeout(late);
    stop.abort();
  };

  return {
    trackLlm: track("llm_service"),
    trackDocument: track("document_processor"),
    trackApi: track("api_service"),
    trackCustom: track("custom"),
    flush,
    close: () => (closing ??= close()),
    ...queries,
    [Symbol.asyncDispose]: () => (closing ??= close()),
  };
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, "");
}
