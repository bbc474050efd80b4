import { defineProgram, gauge, HttpUrl, PostgresUrl, RedisClusterUrl, SecretText, Type } from "@caisson/core";

const jwtSecret = SecretText(32);
const stored = { databaseUrl: PostgresUrl, cacheUrl: Type.Optional(RedisClusterUrl), jwtSecret };
const messaging = { ...stored, kafkaBrokers: Type.String() };

/** Sign-in and sessions. */
export const auth = defineProgram(import.meta, "auth", {
  main: "./services/auth/main.ts",
  config: Type.Object(stored),
  http: { port: 3001 },
  metrics: { users: gauge("auth_active_users", [], "People signed in and active, at all replicas together") },
});

/** Profiles, preferences, favorites. */
export const user = defineProgram(import.meta, "user", {
  main: "./services/user/main.ts",
  config: Type.Object(stored),
  http: { port: 3002 },
});

/** Flights, hotels, bookings and their documents. */
export const voyage = defineProgram(import.meta, "voyage", {
  main: "./services/voyage/main.ts",
  config: Type.Object({
    ...messaging,
    /** What only reads; absent: `databaseUrl`. */
    readUrl: Type.Optional(PostgresUrl),
    s3Endpoint: HttpUrl,
    s3AccessKey: Type.String(),
    s3SecretKey: SecretText(16),
    amadeusKey: SecretText(8),
  }),
  http: { port: 3003 },
});

/** Recommendations. */
export const ai = defineProgram(import.meta, "ai", {
  main: "./services/ai/main.ts",
  config: Type.Object({ ...messaging, openaiKey: SecretText(8) }),
  http: { port: 3004 },
});

export const payment = defineProgram(import.meta, "payment", {
  main: "./services/payment/main.ts",
  config: Type.Object({ ...messaging, stripeKey: SecretText(8) }),
  http: { port: 3005 },
});

/** The one way to the services, each of which may be off. It opens no store. */
export const gateway = defineProgram(import.meta, "gateway", {
  main: "./services/gateway/main.ts",
  config: Type.Object({
    authUrl: HttpUrl,
    userUrl: HttpUrl,
    voyageUrl: Type.Optional(HttpUrl),
    aiUrl: Type.Optional(HttpUrl),
    paymentUrl: Type.Optional(HttpUrl),
  }),
  http: { port: 4000 },
});

/** The pages. They know the gateway's address and no store. */
export const web = defineProgram(import.meta, "web", {
  main: "./services/web/main.ts",
  config: Type.Object({ apiUrl: HttpUrl }),
  http: { port: 8080 },
});

/** Views of 360 degrees, on the same terms. */
export const panorama = defineProgram(import.meta, "panorama", {
  main: "./services/panorama/main.ts",
  config: Type.Object({ apiUrl: HttpUrl }),
  http: { port: 3006 },
});
