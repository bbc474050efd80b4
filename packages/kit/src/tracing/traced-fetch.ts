import { carrierOf } from "./traceparent.ts";
import type { Tracing } from "./trace.ts";

/** `fetch` with a deadline. `timeoutMs`: until the answer's headers and body are in hand; default 10 s. */
export type Fetch = (url: string | URL, init?: RequestInit & { readonly timeoutMs?: number }) => Promise<Response>;

/** The global `fetch` as a client span with the trace context in its headers. */
export function tracedFetch(tracing: Tracing): Fetch {
  return async (url, { timeoutMs = 10_000, ...init } = {}) => {
    const target = new URL(url);
    const method = (init.method ?? "GET").toUpperCase();
    const span = tracing.open(method, tracing.current()?.span.ids, {
      kind: "client",
      // The path may hold identifiers and the query secrets; the origin is enough to find the callee.
      attributes: { "http.request.method": method, "server.address": target.hostname, "server.port": target.port },
    });
    const headers = new Headers(init.headers);
    for (const [name, value] of Object.entries(carrierOf(span.ids))) headers.set(name, value);
    const deadline = AbortSignal.timeout(timeoutMs);
    const signal = init.signal ? AbortSignal.any([init.signal, deadline]) : deadline;
    try {
      const response = await fetch(target, { ...init, headers, signal });
      span.set({ "http.response.status_code": response.status });
      span.end(response.status >= 500 ? new Error(`status ${response.status}`) : undefined);
      return response;
    } catch (error) {
      span.end(error);
      throw error;
    }
  };
}
