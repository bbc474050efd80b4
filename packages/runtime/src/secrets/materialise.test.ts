import { concat, encode, literal, type Expression } from "@caisson/core";
import { expect, test } from "vitest";
import { materialise, type MaterialiseContext } from "./materialise.ts";

const password: Expression = { kind: "secret", name: "db", source: { from: "generated", bytes: 32 } };
const missing: Expression = { kind: "secret", name: "gone", source: { from: "provided" } };
const port: Expression = { kind: "address", resource: "db", port: "postgres", part: "port" };

const context: MaterialiseContext = {
  secret: (name) => (name === "db" ? { value: "p@ss", salt: "c2FsdA" } : undefined),
  address: ({ resource, port: name, part }) => (resource === "db" ? `${name}.${part}` : undefined),
  path: ({ of, resource, name }) => (resource === "db" ? `/${of}/${name}` : undefined),
};

test("each kind of expression", () => {
  const cases: [Expression, string][] = [
    [literal("text"), "text"],
    [literal(5), "5"],
    [literal({ a: [true, null] }), '{"a":[true,null]}'],
    [password, "p@ss"],
    [port, "postgres.port"],
    [{ kind: "path", of: "volume", resource: "db", name: "data" }, "/volume/data"],
    [concat("postgres://u:", encode("url", password), "@h:", port, "/d"), "postgres://u:p%40ss@h:postgres.port/d"],
    [encode("json", concat("a\n", password)), '"a\\np@ss"'],
    [concat(), ""],
  ];
  for (const [expression, text] of cases) expect(materialise(expression, context)).toBe(text);
});

test("what is not there leaves the whole without a value, empty text does not", () => {
  const elsewhere: Expression = { kind: "address", resource: "x", port: "p", part: "host" };
  for (const part of [missing, elsewhere, { kind: "path", of: "file", resource: "x", name: "f" } as const]) {
    expect(materialise(part, context)).toBeUndefined();
    expect(materialise(concat("a", part), context)).toBeUndefined();
    expect(materialise(encode("sha256", concat("a", part)), context)).toBeUndefined();
  }
  expect(materialise(concat("", literal("")), context)).toBe("");
});

test("salted forms are the same bytes for the same version, others for another", () => {
  for (const op of ["scram-sha-256", "pbkdf2-mosquitto"] as const) {
    const expression = encode(op, password);
    const first = materialise(expression, context);
    expect(materialise(expression, context)).toBe(first);
    const resalted = { ...context, secret: () => ({ value: "p@ss", salt: "b3RoZXI" }) };
    expect(materialise(expression, resalted)).not.toBe(first);
  }
});

test("a reference nobody followed is a bug", () => {
  expect(() => materialise({ kind: "ref", resource: "db", output: "url" }, context)).toThrow("db.url was not followed");
});
