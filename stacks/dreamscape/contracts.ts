import { defineProgram, HttpUrl, PostgresUrl, RedisUrl, SecretText, Type } from "@caisson/core";

const shared = { databaseUrl: PostgresUrl, cacheUrl: Type.Optional(RedisUrl), jwtSecret: SecretText(32) };

/** The gateway, sign-in and users. */
export const corePod = defineProgram(import.meta, "core-pod", {
  main: "./pods/core/main.ts",
  config: Type.Object({ ...shared }),
  http: { port: 8080 },
});

/** Journeys, recommendations, payments. */
export const businessPod = defineProgram(import.meta, "business-pod", {
  main: "./pods/business/main.ts",
  config: Type.Object({
    ...shared,
    kafkaBrokers: Type.String(),
    s3Endpoint: HttpUrl,
    s3AccessKey: Type.String(),
    s3SecretKey: SecretText(16),
    amadeusKey: SecretText(8),
    stripeKey: SecretText(8),
    openaiKey: SecretText(8),
  }),
  http: { port: 3010 },
});

/** The pages and panoramas. It knows the API's address and no store. */
export const experiencePod = defineProgram(import.meta, "experience-pod", {
  main: "./pods/experience/main.ts",
  config: Type.Object({ apiUrl: HttpUrl }),
  http: { port: 3005 },
});
