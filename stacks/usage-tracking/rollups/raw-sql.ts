import { mostUnits } from "./custom-units.ts";
import type { SumName } from "./measures.ts";

/**
 * The sums in SQL, over rows of `events e`: the audit derives rollups from raw events with these and never with the code
 * that made the rollups.
 */
export const measureSql: Readonly<Record<SumName, string>> = {
  input_tokens: wholeSql("input_tokens"),
  output_tokens: wholeSql("output_tokens"),
  total_tokens: wholeSql("total_tokens"),
  pages: wholeSql("pages_processed"),
  bytes: ["file_size_bytes", "payload_size_bytes", "response_size_bytes"].map(wholeSql).join(" + "),
  requests: wholeSql("request_count"),
  errors: `count(*) filter (where (e.service = 'api_service' and (e.metrics->>'status_code')::numeric >= 400)
    or coalesce(e.metadata->'error', 'null') not in ('null', 'false'))`,
  custom_units: `coalesce(sum(${unitsSql()}), 0)`,
  latency_count: `count(${latencySql()})`,
  latency_us: `coalesce(sum(${latencySql()}), 0) * 1000`,
};

/** The latency of `events e` in whole microseconds; null where it has none. */
export const latencyUsSql = `(${latencySql()} * 1000)::bigint`;

/** The model of `events e`, '' where it has none. */
export const modelSql = "case when e.service = 'llm_service' then e.metadata->>'model' else '' end";

function wholeSql(name: string): string {
  return `coalesce(sum((e.metrics->>'${name}')::numeric) filter (where e.service <> 'custom'), 0)`;
}

function latencySql(): string {
  const names = ["latency_ms", "processing_time_ms", "response_time_ms"] as const;
  const first = names.map((name) => `e.metrics->>'${name}'`).join(", ");
  return `case when e.service <> 'custom' then coalesce(${first})::numeric end`;
}

/** Millionths. A case rather than a filter: only what is a number may be read as one. */
function unitsSql(): string {
  return `case when e.service = 'custom' and jsonb_typeof(e.metrics->'units') = 'number' then
    case when (e.metrics->>'units')::numeric between 0 and ${mostUnits} then round((e.metrics->>'units')::numeric * 1000000) end
  end`;
}
