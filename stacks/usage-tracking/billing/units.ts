import type { volumeNames } from "../rollups/measures.ts";

/** What is counted of usage, by column of `rollup_model`. */
export type Volumes = Readonly<Record<"events" | (typeof volumeNames)[number], bigint>>;

/** What a rule can charge for. */
export const units = [
  "tokens",
  "input_tokens",
  "output_tokens",
  "requests",
  "pages",
  "bytes",
  "minutes",
  "custom",
] as const;

export type Unit = (typeof units)[number];

/** How much of a unit there is: `count` parts of `scale` to one unit. */
export interface Quantity {
  readonly count: bigint;
  readonly scale: bigint;
}

/** The units of some usage of a service. */
export function quantityOf(unit: Unit, service: string, volumes: Volumes): Quantity {
  return { count: counts[unit](volumes, service), scale: scales[unit] ?? 1n };
}

const counts: Readonly<Record<Unit, (volumes: Volumes, service: string) => bigint>> = {
  tokens: (volumes) => volumes.total_tokens,
  input_tokens: (volumes) => volumes.input_tokens,
  output_tokens: (volumes) => volumes.output_tokens,
  // An event of an API may stand for several requests, any other is one.
  requests: (volumes, service) => (service === "api_service" ? volumes.requests : volumes.events),
  pages: (volumes) => volumes.pages,
  bytes: (volumes) => volumes.bytes,
  /** Of latency or processing time, kept in microseconds. */
  minutes: (volumes) => volumes.latency_us,
  /** Of `metrics.units`, kept in millionths. */
  custom: (volumes) => volumes.custom_units,
};

const scales: Partial<Record<Unit, bigint>> = { minutes: 60_000_000n, custom: 1_000_000n };
