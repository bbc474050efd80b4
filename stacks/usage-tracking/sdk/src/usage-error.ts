/**
 * What went wrong: the key (`auth`), what was sent (`validation`), too much of it (`rate_limit`), the other side (`server`),
 * the way there (`network`), too many events waiting (`buffer_full`), a client that was closed (`closed`).
 */
export type UsageErrorKind = "auth" | "validation" | "rate_limit" | "server" | "network" | "buffer_full" | "closed";

/** One thing that is wrong with what was sent: where (a JSON pointer), which rule, and a sentence. */
export interface FieldError {
  readonly path: string;
  readonly code: string;
  readonly message: string;
}

/** What an answer said about an error. */
export interface UsageErrorDetails {
  readonly status?: number;
  /** The service's own code, such as `unauthenticated`. */
  readonly code?: string;
  readonly errors?: readonly FieldError[];
  /** How long the service asked to wait. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/** Every error of this client; `kind` tells them apart. */
export class UsageError extends Error {
  readonly kind: UsageErrorKind;
  readonly status: number | undefined;
  readonly code: string | undefined;
  readonly errors: readonly FieldError[];
  readonly retryAfterMs: number | undefined;

  constructor(kind: UsageErrorKind, message: string, details: UsageErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "UsageError";
    this.kind = kind;
    this.status = details.status;
    this.code = details.code;
    this.errors = details.errors ?? [];
    this.retryAfterMs = details.retryAfterMs;
  }
}

/** True where the same request may succeed later: sending it again is safe, ids keep it from counting twice. */
export function isPassing({ kind }: UsageError): boolean {
  return kind === "rate_limit" || kind === "server" || kind === "network";
}
