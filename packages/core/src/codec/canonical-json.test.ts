import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson } from "./canonical-json.ts";

describe("canonical JSON", () => {
  it("sorts keys at every depth and leaves out what has no value", () => {
    const value = { b: [{ z: 1, a: null }], a: { d: undefined, c: "x" } };
    expect(canonicalJson(value)).toBe('{"a":{"c":"x"},"b":[{"a":null,"z":1}]}');
  });

  it("is JSON that reads back as the same data", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it("does not depend on the order of keys", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const turned = Object.fromEntries(Object.entries(value).reverse());
        expect(canonicalJson(turned)).toBe(canonicalJson(value));
      }),
    );
  });

  it.each([[Number.NaN], [Infinity], [1n], [() => 1], [Symbol("x")], [undefined]])("refuses %s", (value) => {
    expect(() => canonicalJson([value])).toThrow("expected JSON");
  });
});
