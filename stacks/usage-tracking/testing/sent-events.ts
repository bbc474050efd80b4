import fc from "fast-check";
import { formatInstant, type Instant } from "../events/instant.ts";

/** Valid events as clients send them, of every service type, within the ten days before `now`. */
export function sentEvents(options: {
  readonly now: Instant;
  /** How many different users, providers and models there are. Default: as many as fast-check likes. */
  readonly few?: boolean;
}): fc.Arbitrary<Record<string, unknown>> {
  const text = (maxLength: number): fc.Arbitrary<string> =>
    fc
      .string({ minLength: 1, maxLength, unit: "grapheme" })
      .filter((each) => !each.includes("\0") && each.isWellFormed());
  const name = options.few ? fc.constantFrom("a", "b", "é\t\\") : text(20);
  const count = fc.nat({ max: Number.MAX_SAFE_INTEGER });
  const half = fc.nat({ max: 2 ** 52 - 1 });
  const ms = fc.double({ min: 0, max: 1e12, noNaN: true });
  const json = fc
    .dictionary(
      name,
      fc.oneof(name, fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean(), fc.constant(null)),
    )
    .map((each) => JSON.parse(JSON.stringify(each)) as object);
  // What counts, what is no number or too much, and halves of a millionth.
  const number = fc.oneof(
    fc.nat({ max: 1e9 }),
    fc.double({ min: 0, max: 2e9, noNaN: true }),
    fc.constantFrom(5e-7, 4.9e-7, 0.0000015, -1),
  );
  const units = fc.record({ units: fc.oneof(number, fc.constant("7")) }, { requiredKeys: [] });
  const common = {
    event_id: fc.uuid(),
    timestamp: fc.nat({ max: 10 * 86_400_000 }).map((ms_) => formatInstant(options.now - ms_ * 1000)),
    service_provider: name,
  };
  const optional = {
    user_id: name,
    session_id: name,
    request_id: name,
    event_type: name,
    tags: fc.array(name, { maxLength: 4 }),
    metadata: fc.record({ own: json, error: fc.constantFrom(true, false, null, "timeout") }, { requiredKeys: [] }),
  };
  const kind = (
    service: string,
    required: Record<string, fc.Arbitrary<unknown>>,
    rest: Record<string, fc.Arbitrary<unknown>>,
  ): fc.Arbitrary<Record<string, unknown>> =>
    fc
      .tuple(
        fc.record({ ...common, service_type: fc.constant(service), ...required }),
        fc.record({ ...optional, ...rest }, { requiredKeys: [] }),
      )
      .map(([always, sometimes]) => ({ ...always, ...sometimes }));
  return fc.oneof(
    kind("llm_service", { model: name, input_tokens: half, output_tokens: half }, { latency_ms: ms }),
    kind(
      "document_processor",
      { document_type: name, pages_processed: fc.integer({ min: 1, max: 1e6 }) },
      { file_size_bytes: count, processing_time_ms: ms },
    ),
    kind(
      "api_service",
      { endpoint: name, method: fc.constant("GET") },
      {
        request_count: fc.integer({ min: 1, max: 1e6 }),
        payload_size_bytes: count,
        response_size_bytes: count,
        response_time_ms: ms,
        status_code: fc.integer({ min: 100, max: 599 }),
      },
    ),
    kind("custom", { metrics: fc.tuple(json, units).map(([own, given]) => ({ ...own, ...given })) }, {}),
  );
}
