import { checkJson } from "./check-json.ts";
import { checkField, isRecord } from "./check-value.ts";
import { pointerStep, type Issue } from "./issue.ts";
import { commonFields, serviceFields, type ServiceField, type ServiceType } from "./service-fields.ts";
import type { JsonValue } from "./stored-event.ts";

/** The stored halves of an event: what describes it, and what was measured. */
interface Halves {
  readonly metadata: Record<string, JsonValue>;
  readonly metrics: Record<string, JsonValue>;
}

/**
 * Checks the fields of a service type and sorts them into metadata and metrics. A field that is neither common nor the
 * type's own is refused: a misspelt name must not lose a number silently.
 */
export function checkFields(
  service: ServiceType,
  input: Record<string, unknown>,
  ownMetadata: Record<string, JsonValue> | undefined,
  issues: Issue[],
): Halves {
  const { names, fields } = compiled[service];
  for (const name of Object.keys(input)) {
    if (names.has(name)) continue;
    const path = pointerStep(name);
    issues.push({ path, code: "unknown_field", message: `is not a field of ${service}; put it into metadata` });
  }
  // Custom metrics are taken over as they are: assigning their keys one by one would let "__proto__" act.
  const metrics = service === "custom" ? customMetrics(input["metrics"], issues) : {};
  const metadata: Record<string, JsonValue> = { ...ownMetadata };
  for (const { name, path, field } of fields) {
    if (ownMetadata && field.target === "metadata" && Object.hasOwn(ownMetadata, name)) {
      issues.push({ path: `/metadata${path}`, code: "reserved_field", message: `is a field of ${service} itself` });
    }
    const value = checkField(field.value, input[name], path, field.required ?? false, issues);
    if (value !== undefined) (field.target === "metadata" ? metadata : metrics)[name] = value;
  }
  if (service === "llm_service") deriveTotal(metrics, issues);
  if (service === "api_service") metrics["request_count"] ??= 1;
  return { metadata, metrics };
}

/** The table of fields as the check reads it, made once. */
const compiled: Readonly<Record<ServiceType, Compiled>> = {
  llm_service: compile("llm_service"),
  document_processor: compile("document_processor"),
  api_service: compile("api_service"),
  custom: compile("custom"),
};

interface Compiled {
  readonly names: ReadonlySet<string>;
  readonly fields: readonly { readonly name: string; readonly path: string; readonly field: ServiceField }[];
}

function compile(service: ServiceType): Compiled {
  const fields = Object.entries(serviceFields[service].fields);
  const own = service === "custom" ? ["metrics"] : fields.map(([name]) => name);
  return {
    names: new Set<string>([...commonFields, ...own]),
    fields: fields.map(([name, field]) => ({ name, path: `/${name}`, field })),
  };
}

function deriveTotal(metrics: Record<string, JsonValue>, issues: Issue[]): void {
  const { input_tokens: input, output_tokens: output, total_tokens: given } = metrics;
  if (typeof input !== "number" || typeof output !== "number") return;
  const total = input + output;
  if (!Number.isSafeInteger(total)) {
    issues.push({ path: "/total_tokens", code: "range", message: `expected at most ${Number.MAX_SAFE_INTEGER}` });
  }
  if (given !== undefined && given !== total) {
    issues.push({ path: "/total_tokens", code: "mismatch", message: "expected input_tokens + output_tokens" });
  }
  metrics["total_tokens"] = total;
}

function customMetrics(value: unknown, issues: Issue[]): Record<string, JsonValue> {
  if (isRecord(value)) return checkJson(value, "/metrics", issues);
  const missing = value === undefined || value === null;
  issues.push({
    path: "/metrics",
    code: missing ? "required" : "type",
    message: missing ? "is missing" : "expected an object",
  });
  return {};
}
