import fc from "fast-check";
import { expect, test } from "vitest";
import { carrierOf, parseCarrier } from "./traceparent.ts";

const hex = (length: number): fc.Arbitrary<string> =>
  fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`)).filter((text) => !/^0+$/.test(text));

test("what is written is read back", () => {
  const state = fc.option(fc.stringMatching(/^[a-z]{1,8}=[a-z0-9]{1,20}$/), { nil: undefined });
  fc.assert(
    fc.property(hex(32), hex(16), fc.boolean(), state, (traceId, spanId, sampled, traceState) => {
      const ids = { traceId, spanId, sampled, ...(traceState !== undefined && { traceState }) };
      expect(parseCarrier(carrierOf(ids))).toEqual(ids);
    }),
  );
});

test("nothing that is not a traceparent is taken for one", () => {
  fc.assert(fc.property(fc.string(), (traceparent) => void expect(parseCarrier({ traceparent })).toBeUndefined()));
});

const [trace, span] = ["0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"];

test.each([
  ["", undefined],
  [`00-${trace}-${span}-01`, true],
  [`00-${trace}-${span}-00`, false],
  [`00-${trace}-${span}-03`, true],
  [`01-${trace}-${span}-01-later-version`, true],
  [`00-${trace}-${span}-01-too-long`, undefined],
  [`ff-${trace}-${span}-01`, undefined],
  [`00-${trace.toUpperCase()}-${span}-01`, undefined],
  [`00-${"0".repeat(32)}-${span}-01`, undefined],
  [`00-${trace}-${"0".repeat(16)}-01`, undefined],
])("%s", (traceparent, sampled) => {
  expect(parseCarrier({ traceparent })?.sampled).toBe(sampled);
});

test("a state that cannot be passed on safely is dropped", () => {
  const traceparent = `00-${trace}-${span}-01`;
  expect(parseCarrier({ traceparent, tracestate: "a=1\r\nx: y" })).not.toHaveProperty("traceState");
  expect(parseCarrier({ traceparent, tracestate: "a=".padEnd(600, "x") })).not.toHaveProperty("traceState");
});
