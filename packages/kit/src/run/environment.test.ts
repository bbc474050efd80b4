import { spawnSync } from "node:child_process";
import { decodeConfig, encodeConfig, fileText, literal, Type, type Expression } from "@caisson/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readEnvironment } from "./environment.ts";
import { processHost, type Host } from "./host.ts";

function host(env: Readonly<Record<string, string>>, platform = "linux"): Host {
  return { ...processHost(), env, platform };
}

const program = { name: "shop", http: { port: 8000 } };

test("without variables a program listens on loopback at its contract's port and traces nothing", () => {
  expect(readEnvironment(host({ CAISSON_UNKNOWN: "x" }), program)).toEqual({
    environment: {
      listen: { host: "127.0.0.1", port: 8000 },
      management: { host: "127.0.0.1", port: 0 },
      managed: false,
      reusePort: false,
      logLevel: "info",
      serviceName: "shop",
      replica: "1",
    },
  });
});

test("each variable has its place", () => {
  const env = {
    HOST: "0.0.0.0",
    PORT: "9000",
    MANAGEMENT_HOST: "127.0.0.2",
    MANAGEMENT_PORT: "9464",
    REUSE_PORT: "1",
    LOG_LEVEL: "debug",
    OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318",
    OTEL_SERVICE_NAME: "shop-eu",
    CAISSON_REPLICA: "3",
  };
  expect(readEnvironment(host(env), program)).toEqual({
    environment: {
      listen: { host: "0.0.0.0", port: 9000 },
      management: { host: "127.0.0.2", port: 9464 },
      managed: true,
      reusePort: true,
      logLevel: "debug",
      otlpEndpoint: "http://127.0.0.1:4318",
      serviceName: "shop-eu",
      replica: "3",
    },
  });
});

test("replicas that share a port are refused where the system cannot", () => {
  expect(readEnvironment(host({ REUSE_PORT: "1" }, "darwin"), program)).toMatchObject({
    problems: [{ variable: "REUSE_PORT", got: "1 on darwin" }],
  });
});

test("what the codec puts into an environment comes out of a real process's", () => {
  const text = fc.string({ unit: "binary", maxLength: 200 });
  const schema = Type.Object({ text: Type.String(), list: Type.Array(Type.String()) });
  const cases = fc.sample(fc.record({ text, list: fc.array(text, { maxLength: 5 }) }), { numRuns: 100, seed: 7 });
  const variables: Record<string, string> = {};
  const files: Record<string, string> = {};
  for (const [index, values] of cases.entries()) {
    const encoded = encodeConfig(schema, { text: literal(values.text), list: literal(values.list) });
    for (const [name, value] of Object.entries(encoded.env)) variables[`${name}_${index}`] = textOf(value);
    for (const [key, value] of Object.entries(encoded.files)) files[`${key}_${index}`] = fileText(textOf(value));
  }
  const child = spawnSync(process.execPath, ["-p", "JSON.stringify(process.env)"], {
    env: variables,
    encoding: "utf8",
  });
  const env = JSON.parse(child.stdout) as Record<string, string>;
  for (const [index, values] of cases.entries()) {
    const own = {
      TEXT: env[`TEXT_${index}`],
      LIST: env[`LIST_${index}`],
      ...(`text_${index}` in files && { TEXT_FILE: `text_${index}` }),
    };
    expect(decodeConfig(schema, own, (path) => files[path] ?? "")).toMatchObject({ config: values });
  }
});

function textOf(value: Expression): string {
  if (value.kind !== "literal" || typeof value.value !== "string") throw new Error("expected a text");
  return value.value;
}
