import type { StoredEvent } from "../events/stored-event.ts";
import { dimensions } from "../rollups/deltas.ts";

/** An event and whose it is. */
export interface Counted {
  readonly tenant: number;
  readonly event: StoredEvent;
}

/**
 * The rows of all totals from the events alone, with nothing of the code under test: dates by `Date`, numbers by their digits.
 * By what each is of, as JSON: the total, the total and a slot of latencies or a user, or the volumes of a cell.
 */
export function naiveTotals(events: readonly Counted[]): Map<string, bigint[]> {
  const rows = new Map<string, bigint[]>();
  const plus = (id: string, values: readonly bigint[]): void => {
    rows.set(
      id,
      values.map((value, index) => value + (rows.get(id)?.[index] ?? 0n)),
    );
  };
  for (const { tenant, event } of events) {
    const m = measuresOf(event);
    const all = [
      1n,
      m.input,
      m.output,
      m.input + m.output,
      m.pages,
      m.bytes,
      m.requests,
      m.errors,
      m.custom,
      m.us === undefined ? 0n : 1n,
      m.us ?? 0n,
    ];
    const volumes = [1n, m.input, m.output, m.input + m.output, m.pages, m.bytes, m.requests, m.us ?? 0n, m.custom];
    const model = event.service === "llm_service" ? String(event.metadata["model"]) : "";
    for (const period of ["hour", "day", "week", "month"] as const) {
      const bucket = startByDate(period, event.at);
      for (const dimension of dimensions) {
        const key = dimension === "all" ? "" : event[dimension];
        if (key === undefined) continue;
        const id = JSON.stringify([tenant, dimension, period, bucket, key]);
        plus(id, all);
        if (m.us !== undefined) plus(`${id} slot ${slotByShifting(m.us)}`, [1n]);
        if (event.user !== undefined && dimension !== "user") plus(`${id} user ${event.user}`, [1n]);
      }
      if (period === "hour" || period === "day")
        plus(JSON.stringify(["model", tenant, period, bucket, "", event.service, event.provider, model]), volumes);
      if (period === "day")
        plus(
          JSON.stringify(["user", tenant, period, bucket, event.user ?? "", event.service, event.provider, model]),
          volumes,
        );
    }
  }
  return rows;
}

/** What an event measures, in whole units. */
export function measuresOf({ service, metrics, metadata }: StoredEvent) {
  const own = service !== "custom";
  const whole = (name: string): bigint => (own && metrics[name] !== undefined ? BigInt(metrics[name] as number) : 0n);
  const latency = ["latency_ms", "processing_time_ms", "response_time_ms"]
    .map((name) => (own ? metrics[name] : undefined))
    .find((value) => value !== undefined);
  const units = service === "custom" ? metrics["units"] : undefined;
  return {
    input: whole("input_tokens"),
    output: whole("output_tokens"),
    pages: whole("pages_processed"),
    bytes: whole("file_size_bytes") + whole("payload_size_bytes") + whole("response_size_bytes"),
    requests: whole("request_count"),
    errors:
      Number(metrics["status_code"]) >= 400 || ![undefined, null, false].includes(metadata["error"] as null) ? 1n : 0n,
    us: latency === undefined ? undefined : digits(latency as number, 3),
    custom: typeof units === "number" && units >= 0 && units <= 1e9 ? digits(units, 6) : 0n,
  };
}

/** A number times 10^places, rounded half up, from its decimal digits. */
function digits(value: number, places: number): bigint {
  const [mantissa = "", exponent = "0"] = String(value).split("e");
  const [whole = "", decimals = ""] = mantissa.split(".");
  const shift = Number(exponent) - decimals.length + places;
  const number = BigInt(whole + decimals);
  return shift >= 0 ? number * 10n ** BigInt(shift) : ((number * 10n) / 10n ** BigInt(-shift) + 5n) / 10n;
}

/** The start of the period that holds an instant, in microseconds. */
export function startByDate(period: "hour" | "day" | "week" | "month", at: number): number {
  const date = new Date(Math.floor(at / 1000));
  date.setUTCMinutes(0, 0, 0);
  if (period !== "hour") date.setUTCHours(0);
  if (period === "week") while (date.getUTCDay() !== 1) date.setUTCDate(date.getUTCDate() - 1);
  if (period === "month") date.setUTCDate(1);
  return date.getTime() * 1000;
}

function slotByShifting(us: bigint): number {
  let [value, shift] = [us, 0];
  while (value >= 64n) {
    value >>= 1n;
    shift++;
  }
  return shift * 32 + Number(value);
}
