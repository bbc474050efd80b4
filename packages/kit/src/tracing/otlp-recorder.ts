import {
  createTraceState,
  diag,
  DiagLogLevel,
  ROOT_CONTEXT,
  SpanKind as OtelKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Span,
} from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { spanResource } from "@caisson/core";
import type { Log } from "../log/create-log.ts";
import type { Redact } from "../log/redact.ts";
import type { RecordedSpan, Recorder, SpanKind } from "./recorder.ts";
import type { SpanIds } from "./traceparent.ts";

/** Where spans go and in whose name. */
export interface OtlpOptions {
  /** The base URL of an OTLP/HTTP receiver; `/v1/traces` is added. */
  readonly endpoint: string;
  readonly service: string;
  readonly replica: string;
  readonly log: Log;
  readonly redact: Redact;
}

/**
 * Records spans and sends them in batches; a receiver that is down costs dropped spans, never a request. This module
 * loads the SDK (about 80 ms), so it is imported after the program is ready and only when there is an endpoint.
 */
export function otlpRecorder(options: OtlpOptions): Recorder {
  reportProblems(options.log);
  const exporter = new OTLPTraceExporter({
    url: `${options.endpoint.replace(/\/+$/, "")}/v1/traces`,
    timeoutMillis: 5000,
  });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      "service.name": options.service,
      [spanResource]: options.service,
      "service.instance.id": options.replica,
    }),
    // The defaults bound it: 2,048 spans wait at most, sent every 5 s or 512 at a time.
    spanProcessors: [new BatchSpanProcessor({ exporter, scheduledDelayMillis: 2000 })],
  });
  const tracer = provider.getTracer("caisson");
  return {
    start: (name, kind, parent, attributes) => {
      const context = parent ? trace.setSpanContext(ROOT_CONTEXT, contextOf(parent)) : ROOT_CONTEXT;
      return recorded(tracer.startSpan(name, { kind: kinds[kind], attributes }, context), parent, options.redact);
    },
    close: () => provider.shutdown(),
  };
}

const kinds: Readonly<Record<SpanKind, OtelKind>> = {
  server: OtelKind.SERVER,
  client: OtelKind.CLIENT,
  producer: OtelKind.PRODUCER,
  consumer: OtelKind.CONSUMER,
  internal: OtelKind.INTERNAL,
};

function recorded(span: Span, parent: SpanIds | undefined, redact: Redact): RecordedSpan {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return {
    ids: {
      traceId,
      spanId,
      sampled: (traceFlags & TraceFlags.SAMPLED) !== 0,
      ...(parent?.traceState !== undefined && { traceState: parent.traceState }),
    },
    set: (attributes) => void span.setAttributes(attributes),
    rename: (name) => void span.updateName(name),
    end: (error) => {
      if (error !== undefined) {
        const message = redact.text(error instanceof Error ? error.message : String(error));
        span.setStatus({ code: SpanStatusCode.ERROR, message });
      }
      span.end();
    },
  };
}

function contextOf({ traceId, spanId, sampled, traceState }: SpanIds): ReturnType<Span["spanContext"]> {
  return {
    traceId,
    spanId,
    traceFlags: sampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
    isRemote: true,
    ...(traceState !== undefined && { traceState: createTraceState(traceState) }),
  };
}

/** The SDK tells of failed exports here; one line a minute says so without filling the log. */
function reportProblems(log: Log): void {
  let quietUntil = 0;
  const report = (message: string): void => {
    if (performance.now() < quietUntil) return;
    quietUntil = performance.now() + 60_000;
    log.warn({ detail: message }, "traces are not delivered");
  };
  const ignore = (): void => {};
  diag.setLogger(
    { error: report, warn: report, info: ignore, debug: ignore, verbose: ignore },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
}
