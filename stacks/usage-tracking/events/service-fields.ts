/** The kinds of service whose usage is tracked. */
export const serviceTypes = ["llm_service", "document_processor", "api_service", "custom"] as const;

export type ServiceType = (typeof serviceTypes)[number];

/** What a field of a service type may hold. `decimal`s are kept to three places, `integer`s are exact up to 2^53 - 1. */
export type FieldKind =
  | { readonly kind: "text"; readonly maxLength: number }
  | { readonly kind: "integer" | "decimal"; readonly min: number; readonly max: number };

/** A field, whether an event must have it, and which half of the stored event it goes to. */
export interface ServiceField {
  readonly value: FieldKind;
  readonly required?: true;
  readonly target: "metadata" | "metrics";
}

const text = (maxLength: number, required?: true): ServiceField => ({
  value: { kind: "text", maxLength },
  target: "metadata",
  ...(required && { required }),
});
const count = (min: number, required?: true): ServiceField => ({
  value: { kind: "integer", min, max: Number.MAX_SAFE_INTEGER },
  target: "metrics",
  ...(required && { required }),
});
// A trillion milliseconds is 31 years; below 2^50 microseconds, so that the sum in microseconds is exact.
const milliseconds: ServiceField = { value: { kind: "decimal", min: 0, max: 1e12 }, target: "metrics" };

/** The fields that every event may have. */
export const commonFields = [
  "event_id",
  "timestamp",
  "tenant_id",
  "user_id",
  "service_type",
  "service_provider",
  "event_type",
  "metadata",
  "tags",
  "session_id",
  "request_id",
] as const;

/** The fields of each service type beside the common ones, and the `event_type` of an event that names none. */
export const serviceFields: Readonly<
  Record<ServiceType, { readonly defaultType: string; readonly fields: Readonly<Record<string, ServiceField>> }>
> = {
  llm_service: {
    defaultType: "completion",
    fields: {
      model: text(255, true),
      model_version: text(255),
      temperature: { value: { kind: "decimal", min: 0, max: 2 }, target: "metadata" },
      max_tokens: { value: { kind: "integer", min: 1, max: Number.MAX_SAFE_INTEGER }, target: "metadata" },
      input_tokens: count(0, true),
      output_tokens: count(0, true),
      total_tokens: count(0),
      latency_ms: milliseconds,
    },
  },
  document_processor: {
    defaultType: "processing",
    fields: {
      document_type: text(255, true),
      processing_type: text(255),
      file_format: text(64),
      pages_processed: count(1, true),
      characters_extracted: count(0),
      processing_time_ms: milliseconds,
      file_size_bytes: count(0),
    },
  },
  api_service: {
    defaultType: "request",
    fields: {
      endpoint: text(2048, true),
      method: text(16, true),
      api_version: text(64),
      request_count: count(1),
      response_time_ms: milliseconds,
      payload_size_bytes: count(0),
      response_size_bytes: count(0),
      status_code: { value: { kind: "integer", min: 100, max: 599 }, target: "metrics" },
    },
  },
  // `metrics`, an object of the sender's own, is looked at by itself.
  custom: { defaultType: "custom", fields: {} },
};
