import { AsyncLocalStorage } from "node:async_hooks";
import { idsOnly, type Attributes, type RecordedSpan, type Recorder, type SpanKind } from "./recorder.ts";
import { carrierOf, parseCarrier, type Carrier, type SpanIds } from "./traceparent.ts";

/** Options of a span. */
export interface SpanOptions {
  readonly kind?: SpanKind;
  readonly attributes?: Attributes;
}

/** What a program does with traces. W3C trace context crosses HTTP by itself; a queue row takes {@link Trace.inject}. */
export interface Trace {
  /** Runs `work` as a span below the one in hand; its rejection marks the span failed. */
  readonly span: <T>(name: string, work: () => Promise<T>, options?: SpanOptions) => Promise<T>;
  /** The context in hand, to be stored with a queue row or sent with a message. Empty outside any span. */
  readonly inject: () => Carrier;
  /** Runs `work` as a span (kind `consumer`) below the context that was stored with {@link Trace.inject}. */
  readonly extract: <T>(carrier: Carrier, name: string, work: () => Promise<T>, options?: SpanOptions) => Promise<T>;
}

/** A unit of work in hand. */
export interface Scope {
  readonly span: RecordedSpan;
  readonly requestId?: string;
}

/** The kit's side of tracing. */
export interface Tracing extends Trace {
  readonly current: () => Scope | undefined;
  /** Starts a span for work that ends elsewhere (an HTTP request); the caller ends it. */
  readonly open: (name: string, parent: SpanIds | undefined, options: SpanOptions) => RecordedSpan;
  readonly within: <T>(scope: Scope, work: () => T) => T;
  /** From now on spans are recorded by `recorder`. */
  readonly recordWith: (recorder: Recorder) => void;
  readonly close: () => Promise<void>;
}

/** Tracing with ids only, until {@link Tracing.recordWith} gives it a recorder. */
export function createTracing(): Tracing {
  const scopes = new AsyncLocalStorage<Scope>();
  let recorder = idsOnly();
  const open: Tracing["open"] = (name, parent, { kind = "internal", attributes = {} }) =>
    recorder.start(name, kind, parent, attributes);
  const run = async <T>(span: RecordedSpan, work: () => Promise<T>): Promise<T> => {
    const requestId = scopes.getStore()?.requestId;
    try {
      const result = await scopes.run({ span, ...(requestId !== undefined && { requestId }) }, work);
      span.end();
      return result;
    } catch (error) {
      span.end(error);
      throw error;
    }
  };
  return {
    span: (name, work, options = {}) => run(open(name, scopes.getStore()?.span.ids, options), work),
    inject: () => {
      const ids = scopes.getStore()?.span.ids;
      return ids ? carrierOf(ids) : {};
    },
    extract: (carrier, name, work, options = {}) =>
      run(open(name, parseCarrier(carrier), { kind: "consumer", ...options }), work),
    current: () => scopes.getStore(),
    open,
    within: (scope, work) => scopes.run(scope, work),
    recordWith: (next) => {
      recorder = next;
    },
    close: () => recorder.close(),
  };
}

/** The fields of a log line that tie it to its trace and request. */
export function scopeFields(scope: Scope | undefined): object {
  if (!scope) return {};
  const { traceId, spanId } = scope.span.ids;
  return {
    trace_id: traceId,
    span_id: spanId,
    ...(scope.requestId !== undefined && { request_id: scope.requestId }),
  };
}
