import { randomOf } from "../../stacks/usage-tracking/testing/random.ts";

/**
 * Events as senders of language models make them: one tenant, a thousand users, six models, the last day. Another `series`
 * has other ids.
 */
export function madeEvents(count: number, now: Date, series: number): Record<string, unknown>[] {
  const random = randomOf(20_260_101 + series);
  const below = (limit: number): number => Math.floor(random() * limit);
  const hex = (digits: number): string => Array.from({ length: digits }, () => below(16).toString(16)).join("");
  return Array.from({ length: count }, (_, index) => ({
    // As UUIDv7 does: ids grow with time.
    event_id: `${(0x0198f1a20000 + series * count + index)
      .toString(16)
      .padStart(12, "0")
      .replace(/^(.{8})/, "$1-")}-7${hex(3)}-8${hex(3)}-${hex(12)}`,
    timestamp: new Date(now.getTime() - below(86_400_000)).toISOString(),
    service_type: "llm_service",
    service_provider: ["openai", "anthropic", "azure"][below(3)],
    model: `model-${below(6)}`,
    user_id: `user-${below(1000)}`,
    session_id: hex(16),
    input_tokens: below(4000),
    output_tokens: below(1000),
    latency_ms: below(20_000) / 10,
  }));
}
