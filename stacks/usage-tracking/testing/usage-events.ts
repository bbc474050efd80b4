import { randomUUID } from "node:crypto";

/** A valid event of a language model, with what `overrides` says in its place. */
export function llmEvent(overrides: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    event_id: randomUUID(),
    timestamp: new Date().toISOString(),
    service_type: "llm_service",
    service_provider: "openai",
    model: "m",
    input_tokens: 10,
    output_tokens: 5,
    ...overrides,
  };
}

/** A valid CloudEvent that carries no usage data, of a source of its own. */
export function cloudEvent(overrides: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return { specversion: "1.0", id: "1", type: "com.example.used", source: `/meters/${randomUUID()}`, ...overrides };
}
