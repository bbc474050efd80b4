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

/** The sums one event adds. */
export type Measures = Readonly<Record<SumName, bigint>>;

/**
 * The sums an event adds. Custom metrics are kept with the event and not summed: nobody said what adding them means.
 * Latency is counted in microseconds, from milliseconds of at most three decimals.
 */
export function measuresOf(event: StoredEvent): Measures {
  const built = event.service !== "custom";
  const number = (name: string): number => {
    const value = built ? event.metrics[name] : undefined;
    return typeof value === "number" ? value : 0;
  };
  const whole = (...names: readonly string[]): bigint => names.reduce((sum, name) => sum + BigInt(number(name)), 0n);
  const latency = built ? latencyNames.find((name) => typeof event.metrics[name] === "number") : undefined;
  return {
    input_tokens: whole("input_tokens"),
    output_tokens: whole("output_tokens"),
    total_tokens: whole("total_tokens"),
    pages: whole("pages_processed"),
    bytes: whole("file_size_bytes", "payload_size_bytes", "response_size_bytes"),
    requests: whole("request_count"),
    latency_count: latency === undefined ? 0n : 1n,
    latency_us: latency === undefined ? 0n : BigInt(Math.round(number(latency) * 1000)),
  };
}

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
