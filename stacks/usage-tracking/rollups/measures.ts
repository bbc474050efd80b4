import type { ServiceType } from "../events/service-fields.ts";
import type { StoredEvent } from "../events/stored-event.ts";
import { customUnits } from "./custom-units.ts";

/** What is summed over events, in the order of the columns of `rollup`. Sums are exact: bigint here, numeric there. */
export const sumNames = [
  "input_tokens",
  "output_tokens",
  "total_tokens",
  "pages",
  "bytes",
  "requests",
  "errors",
  "custom_units",
  "latency_count",
  "latency_us",
] as const;

export type SumName = (typeof sumNames)[number];

/** The sums that costs are computed from: the columns of `rollup_model` and `rollup_user`, in their order. */
export const volumeNames = [
  "input_tokens",
  "output_tokens",
  "total_tokens",
  "pages",
  "bytes",
  "requests",
  "latency_us",
  "custom_units",
] as const satisfies readonly SumName[];

/**
 * Calls `add` for everything an event adds to a sum, given by its place in {@link sumNames}; values are whole and at most
 * 2^53 - 1. Of custom metrics only `units` is summed (in millionths): nobody said what adding the others means. Latency
 * is counted in microseconds, from milliseconds of at most three decimals.
 */
export function eachMeasure(event: StoredEvent, add: (sum: number, value: number) => void): void {
  const { service, metrics } = event;
  for (const [name, sum] of measured[service]) {
    const value = metrics[name];
    if (typeof value !== "number") continue;
    if (sum === latencySum) {
      add(latencySum - 1, 1);
      add(latencySum, Math.round(value * 1000));
    } else add(sum, value);
  }
  if (service === "custom") add(unitsSum, customUnits(metrics["units"]));
  if (isError(event)) add(errorsSum, 1);
}

/** True for an API request answered with 400 or more, and for any event whose metadata says `error`. */
function isError({ service, metrics, metadata }: StoredEvent): boolean {
  const status = service === "api_service" ? metrics["status_code"] : undefined;
  if (typeof status === "number" && status >= 400) return true;
  const error = metadata["error"];
  return error !== undefined && error !== null && error !== false;
}

const at = (name: SumName): number => sumNames.indexOf(name);
const errorsSum = at("errors");
const unitsSum = at("custom_units");
/** Where the sum of latencies is; their count is right before it. */
export const latencySum = at("latency_us");

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
