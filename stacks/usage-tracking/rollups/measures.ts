import type { ServiceType } from "../events/service-fields.ts";
import type { StoredEvent } from "../events/stored-event.ts";

/** What is summed over events, in the order of the columns of `rollup`. Sums are exact: bigint here, numeric there. */
export const sumNames = [
  "input_tokens",
  "output_tokens",
  "total_tokens",
  "pages",
  "bytes",
  "requests",
  "latency_count",
  "latency_us",
] as const;

export type SumName = (typeof sumNames)[number];

/**
 * Calls `add` for everything an event adds to a sum, given by its place in {@link sumNames}; values are whole and at most
 * 2^53 - 1. Custom metrics are kept with the event and not summed: nobody said what adding them means. Latency is
 * counted in microseconds, from milliseconds of at most three decimals.
 */
export function eachMeasure({ service, metrics }: StoredEvent, add: (sum: number, value: number) => void): void {
  for (const [name, sum] of measured[service]) {
    const value = metrics[name];
    if (typeof value !== "number") continue;
    if (sum === latencySum) {
      add(latencySum - 1, 1);
      add(latencySum, Math.round(value * 1000));
    } else add(sum, value);
  }
}

const at = (name: SumName): number => sumNames.indexOf(name);
const latencySum = at("latency_us");

/** Which metrics of a service go to which sum. */
const measured: Readonly<Record<ServiceType, readonly (readonly [metric: string, sum: number])[]>> = {
  llm_service: [
    ["input_tokens", at("input_tokens")],
    ["output_tokens", at("output_tokens")],
    ["total_tokens", at("total_tokens")],
    ["latency_ms", latencySum],
  ],
  document_processor: [
    ["pages_processed", at("pages")],
    ["file_size_bytes", at("bytes")],
    ["processing_time_ms", latencySum],
  ],
  api_service: [
    ["request_count", at("requests")],
    ["payload_size_bytes", at("bytes")],
    ["response_size_bytes", at("bytes")],
    ["response_time_ms", latencySum],
  ],
  custom: [],
};

const latencyNames = ["latency_ms", "processing_time_ms", "response_time_ms"] as const;

/**
 * The same sums in SQL, over rows of `events e`: the audit derives rollups from raw events with these and never with
 * the code that made the rollups.
 */
export const measureSql: Readonly<Record<SumName, string>> = {
  input_tokens: wholeSql("input_tokens"),
  output_tokens: wholeSql("output_tokens"),
  total_tokens: wholeSql("total_tokens"),
  pages: wholeSql("pages_processed"),
  bytes: ["file_size_bytes", "payload_size_bytes", "response_size_bytes"].map(wholeSql).join(" + "),
  requests: wholeSql("request_count"),
  latency_count: `count(${latencySql()})`,
  latency_us: `coalesce(sum(${latencySql()}), 0) * 1000`,
};

function wholeSql(name: string): string {
  return `coalesce(sum((e.metrics->>'${name}')::numeric) filter (where e.service <> 'custom'), 0)`;
}

function latencySql(): string {
  const first = latencyNames.map((name) => `e.metrics->>'${name}'`).join(", ");
  return `case when e.service <> 'custom' then coalesce(${first})::numeric end`;
}
