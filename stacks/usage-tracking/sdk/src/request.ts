import { retryAfterMs } from "./backoff.ts";
import { UsageError, type FieldError, type UsageErrorKind } from "./usage-error.ts";

/** Where requests go, and with which key. */
export interface Connection {
  readonly apiKey: string;
  /** Milliseconds until a request without an answer counts as failed. */
  readonly requestTimeoutMs: number;
}

/** An answer that is one of ours. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** Sends one request. Resolves to an answer of the `wanted` statuses, rejects with a {@link UsageError} for all else. */
export async function request(
  { apiKey, requestTimeoutMs }: Connection,
  url: string,
  options: { readonly body?: string; readonly wanted: readonly number[]; readonly signal: AbortSignal },
): Promise<Answer> {
  const { body, wanted, signal } = options;
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      method: body === undefined ? "GET" : "POST",
      headers: { "x-api-key": apiKey, ...(body !== undefined && { "content-type": "application/json" }) },
      ...(body !== undefined && { body }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(requestTimeoutMs)]),
      redirect: "error", // a key goes to nobody but the service it was given for
    });
    text = await response.text();
  } catch (cause) {
    if (signal.aborted) throw new UsageError("closed", "the client was closed before there was an answer", { cause });
    throw new UsageError("network", `${new URL(url).origin} did not answer: ${reasonOf(cause)}`, { cause });
  }
  const { status, headers } = response;
  const parsed = parse(text);
  if (!wanted.includes(status)) throw refusal(status, headers, parsed);
  if (parsed !== undefined) return { status, headers, body: parsed };
  throw new UsageError("server", `expected JSON with status ${status}, got ${text.slice(0, 80)}`, { status });
}

function refusal(status: number, headers: Headers, body: unknown): UsageError {
  // A problem of RFC 9457: { "title": ..., "status": 401, "code": "unauthenticated", "detail": ..., "errors": [...] }
  const { code, detail, errors } = (isObject(body) ? body : {}) as {
    code?: unknown;
    detail?: unknown;
    errors?: readonly FieldError[];
  };
  const wait = retryAfterMs(headers.get("retry-after"), Date.now());
  return new UsageError(kindOf(status), `${status}: ${typeof detail === "string" ? detail : "no reason given"}`, {
    status,
    ...(typeof code === "string" && { code }),
    ...(Array.isArray(errors) && { errors }),
    ...(wait !== undefined && { retryAfterMs: wait }),
  });
}

function kindOf(status: number): UsageErrorKind {
  if (status === 401 || status === 403) return "auth";
  if (status === 429) return "rate_limit";
  // 408 and 425: the request did not arrive as it should have; nothing is wrong with it.
  if (status >= 500 || status === 408 || status === 425 || status < 400) return "server";
  return "validation";
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined; // an answer of somebody else, such as a proxy
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return cause.cause instanceof Error ? cause.cause.message : cause.message;
}
