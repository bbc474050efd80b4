import type { Mapping } from "./mapping.ts";

/** Mappings that come with the stack, by name. */
export const builtInMappings: Readonly<Record<string, Mapping>> = {
  /** Azure's public LLM inference traces: TIMESTAMP (UTC), ContextTokens, GeneratedTokens. They do not tell the model. */
  "azure-llm-trace": {
    format: "csv",
    fields: {
      timestamp: { column: "TIMESTAMP", as: "utc" },
      service_type: { value: "llm_service" },
      service_provider: { value: "azure" },
      model: { value: "unknown" },
      input_tokens: { column: "ContextTokens", as: "number" },
      output_tokens: { column: "GeneratedTokens", as: "number" },
    },
  },
};
