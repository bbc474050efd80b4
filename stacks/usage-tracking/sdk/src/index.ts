/** The client of the usage-tracking stack: `createUsageClient({ url, apiKey, onLost })`. */
export type { AnswerOf, EventInput, QueryPath, Question, ServiceType } from "./api.ts";
export type { RetryBounds } from "./backoff.ts";
export type { TrackedEvent } from "./event-buffer.ts";
export {
  createUsageClient,
  type Fresh,
  type ListedEvent,
  type UsageClient,
  type UsageClientOptions,
} from "./usage-client.ts";
export { UsageError, type FieldError, type UsageErrorDetails, type UsageErrorKind } from "./usage-error.ts";
