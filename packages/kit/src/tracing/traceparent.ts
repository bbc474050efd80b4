/** A span's identity as it travels: W3C trace context, level 1. Ids are lower-case hex, 32 and 16 digits. */
export interface SpanIds {
  readonly traceId: string;
  readonly spanId: string;
  readonly sampled: boolean;
  readonly traceState?: string;
}

/** The fields that carry a context across a queue row or a message; both absent where there is nothing to carry. */
export interface Carrier {
  readonly traceparent?: string;
  readonly tracestate?: string;
}

const form = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** Reads a carrier; `undefined` where its traceparent is absent or malformed (a new trace starts then, as W3C asks). */
export function parseCarrier(carrier: Carrier): SpanIds | undefined {
  const match = form.exec(carrier.traceparent ?? "");
  if (!match) return undefined;
  const [, version = "", traceId = "", spanId = "", flags = "", rest] = match;
  const malformed = version === "ff" || /^0+$/.test(traceId) || /^0+$/.test(spanId);
  if (malformed || (version === "00" && rest !== undefined)) return undefined;
  const state = carrier.tracestate;
  const sampled = (Number.parseInt(flags, 16) & 1) === 1;
  return {
    traceId,
    spanId,
    sampled,
    ...(state !== undefined && isTraceState(state) && { traceState: state }),
  };
}

/** Writes the carrier of a span. */
export function carrierOf({ traceId, spanId, sampled, traceState }: SpanIds): Carrier {
  return {
    traceparent: `00-${traceId}-${spanId}-${sampled ? "01" : "00"}`,
    ...(traceState !== undefined && { tracestate: traceState }),
  };
}

/** Passed on as it is, so it only has to be safe to pass on: bounded, printable ASCII. */
function isTraceState(text: string): boolean {
  return text.length <= 512 && /^[\x20-\x7e]+$/.test(text);
}
