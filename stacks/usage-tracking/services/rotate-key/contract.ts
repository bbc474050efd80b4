import { defineProgram, PostgresUrl, SecretText, Type } from "@caisson/core";

/** Makes a second key beside an active one and prints it, once; both work until one is revoked. */
export const rotateKey = defineProgram(import.meta, "rotate-key", {
  main: "./main.ts",
  config: Type.Object({
    databaseUrl: PostgresUrl,
    apiKeyPepper: SecretText(32),
    /** The part of a key that tells test keys from live ones. */
    keyEnvironment: Type.String({ pattern: "^[a-z0-9]{1,16}$", default: "dev" }),
  }),
  schemaVersion: 19,
});
