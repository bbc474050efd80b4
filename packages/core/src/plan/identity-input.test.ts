import { Type } from "typebox";
import { describe, expect, it } from "vitest";
import { postgres } from "../components/postgres.ts";
import { PostgresUrl, SecretText } from "../model/contract.ts";
import { defineProgram } from "../model/define-program.ts";
import type { Resource } from "../model/resource.ts";
import { secret } from "../model/secret.ts";
import { service, type ServiceOptions } from "../model/service.ts";
import { identityInput } from "./identity-input.ts";

const config = Type.Object({ databaseUrl: PostgresUrl, pepper: SecretText(16), size: Type.Number() });
const programAt = (url: string) =>
  defineProgram({ url }, "gateway", { main: "./main.ts", config, http: { port: 8000 } });
type Options = ServiceOptions<typeof config>;

const db = postgres("postgres", { database: "usage" });

function gateway(options: Partial<Options> = {}, url = "services/gateway/contract.ts"): Resource {
  return service(programAt(url), {
    config: { databaseUrl: db.url, pepper: secret("pepper"), size: 3 },
    ...options,
  });
}

function identity(resource: Resource, store: Resource = db, versionOf = (name: string) => `${name}-v1`): string {
  const byName = new Map([resource, store].map((each) => [each.name, each]));
  return identityInput(resource, { byName, versionOf });
}

describe("the identity of a resource", () => {
  const before = identity(gateway());

  it("is the same text for the same resource, and holds no secret but names and versions", () => {
    expect(identity(gateway())).toBe(before);
    expect(before).toMatchInlineSnapshot(
      `"{"config":{"databaseUrl":{"kind":"concat","parts":[{"kind":"literal","value":"postgres://usage:"},{"kind":"encode","op":"url","value":{"kind":"secret","name":"postgres-usage","version":"postgres-usage-v1"}},{"kind":"literal","value":"@"},{"kind":"address","part":"host","port":"postgres","resource":"postgres"},{"kind":"literal","value":":"},{"kind":"address","part":"port","port":"postgres","resource":"postgres"},{"kind":"literal","value":"/usage"}]},"pepper":{"kind":"secret","name":"pepper","version":"pepper-v1"},"size":{"kind":"literal","value":3}},"files":[],"limits":{},"ports":[{"name":"http","number":8000,"protocol":"http","published":false},{"name":"management","number":0,"protocol":"http","published":false}],"program":{"contractVersion":1,"management":true,"name":"gateway","runtime":{"kind":"node","main":{"base":"services/gateway/contract.ts","path":"./main.ts"}}},"volumes":[]}"`,
    );
  });

  const values = { databaseUrl: db.url, pepper: secret("pepper"), size: 3 };
  it.each<[string, () => string]>([
    ["a literal", () => identity(gateway({ config: { ...values, size: 4 } }))],
    ["which secret", () => identity(gateway({ config: { ...values, pepper: secret("other") } }))],
    ["a secret's version", () => identity(gateway(), db, (name) => `${name}-v2`)],
    ["what a reference stands for", () => identity(gateway(), postgres("postgres", { database: "other" }))],
    ["limits", () => identity(gateway({ limits: { memory: "512MB" } }))],
    ["publication", () => identity(gateway({ public: true }))],
    ["the program's place in the stack", () => identity(gateway({}, "services/other/contract.ts"))],
    ["an extension of the provider", () => identity(postgres("postgres", { extensions: ["vector"] }))],
    ["a setting in a file", () => identity(postgres("postgres", { maxConnections: 50 }))],
  ])("changes with %s", (_what, after) => {
    expect([before, identity(db)]).not.toContain(after());
  });

  it.each<[string, Resource]>([
    ["the restart policy", gateway({ restart: { delayMs: 1 } })],
    ["the stop policy", gateway({ stopGrace: "1m" })],
    ["replicas", gateway({ replicas: 3 })],
    ["reservations", gateway({ reservations: { cpus: 1 } })],
    ["what it waits for", gateway({ after: [db] })],
    ["its pools", gateway({ pools: [{ of: db, size: 5 }] })],
    ["probe timings", { ...gateway(), probeTiming: { intervalMs: 1, timeoutMs: 1, failureThreshold: 1 } }],
    ["profiles", { ...gateway(), profiles: ["production"] }],
    ["the catalogue's version, which has its own cause", { ...gateway(), catalogueVersion: 2 }],
  ])("does not change with %s", (_what, resource) => {
    expect(identity(resource)).toBe(before);
  });

  it("does not depend on where the stack lies", () => {
    const here = identity(gateway({}, "file:///home/a/stack/contract.ts"));
    expect(identity(gateway({}, "file:///home/b/stack/contract.ts"))).toBe(here);
  });

  it("does not depend on the order in which configuration was written", () => {
    const turned = { size: 3, pepper: secret("pepper"), databaseUrl: db.url };
    expect(identity(gateway({ config: turned }))).toBe(before);
  });
});
