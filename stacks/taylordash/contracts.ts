import { defineProgram, HttpUrl, MqttUrl, PostgresUrl, SecretText, Type } from "@caisson/core";

/** Projects, events and dashboards behind one API. */
export const backend = defineProgram(import.meta, "backend", {
  main: "./services/backend/main.ts",
  config: Type.Object({
    databaseUrl: PostgresUrl,
    mqttUrl: MqttUrl,
    apiKey: SecretText(32),
    s3Endpoint: HttpUrl,
    s3AccessKey: Type.String(),
    s3SecretKey: SecretText(16),
  }),
  http: { port: 8000 },
});

/** The pages. */
export const frontend = defineProgram(import.meta, "frontend", {
  main: "./services/frontend/main.ts",
  config: Type.Object({ apiUrl: HttpUrl }),
  http: { port: 5173 },
});
