import { defineProgram, PostgresUrl, SecretText, Type } from "@caisson/core";

/** Makes an API key for a tenant and prints it, once: `caisson run create-key -- --tenant acme`. */
export const createKey = defineProgram(import.meta, "create-key", {
  main: "./main.ts",
  config: Type.Object({
    databaseUrl: PostgresUrl,
    apiKeyPepper: SecretText(32),
    /** The part of a key that tells test keys from live ones. */
    keyEnvironment: Type.String({ pattern: "^[a-z0-9]{1,16}$", default: "dev" }),
  }),
  schemaVersion: 19,
});
