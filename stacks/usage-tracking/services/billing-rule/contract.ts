import { defineProgram, PostgresUrl, Type } from "@caisson/core";

/** Lists, adds and ends billing rules: `caisson run billing-rule -- add --service llm_service --from 2026-12-01 --part tokens=0.000002`. */
export const billingRule = defineProgram(import.meta, "billing-rule", {
  main: "./main.ts",
  config: Type.Object({ databaseUrl: PostgresUrl }),
  schemaVersion: 19,
});
