import { hexSource } from "./hex-source.ts";
import type { SpanIds } from "./traceparent.ts";

export type SpanKind = "server" | "client" | "producer" | "consumer" | "internal";
export type Attributes = Readonly<Record<string, string | number | boolean>>;

/** A span under way. `end` may be called once; `error` marks it failed. */
export interface RecordedSpan {
  readonly ids: SpanIds;
  readonly set: (attributes: Attributes) => void;
  readonly rename: (name: string) => void;
  readonly end: (error?: unknown) => void;
}

/** Where spans go: nowhere, or to an exporter once one is loaded. */
export interface Recorder {
  readonly start: (name: string, kind: SpanKind, parent: SpanIds | undefined, attributes: Attributes) => RecordedSpan;
  /** Sends what is still held back. */
  readonly close: () => Promise<void>;
}

/** Records nothing, but gives every unit of work its ids, so that log lines and downstream calls are correlated. */
export function idsOnly(): Recorder {
  const hex = hexSource();
  return {
    start: (_name, _kind, parent) => ({
      ids: {
        traceId: parent?.traceId ?? hex(16),
        spanId: hex(8),
        sampled: parent?.sampled ?? false,
        ...(parent?.traceState !== undefined && { traceState: parent.traceState }),
      },
      set: () => {},
      rename: () => {},
      end: () => {},
    }),
    close: async () => {},
  };
}
