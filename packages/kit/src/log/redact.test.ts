import fc from "fast-check";
import { expect, test } from "vitest";
import { redactor } from "./redact.ts";

/** Letters that no mark and no field name has, so that what is found is the secret. */
const secret = fc.string({
  unit: fc.constantFrom("X", "Z", "7", '"', "\\", "\n", "/", "@", "%", "é", "🔑", "+", "="),
  minLength: 4,
  maxLength: 30,
});

test("no form of a secret survives in a line, which stays JSON", () => {
  fc.assert(
    fc.property(secret, fc.string(), (value, around) => {
      const redact = redactor([value]);
      const fields = {
        msg: `${around}${value}${around}`,
        url: `postgres://app:${encodeURIComponent(value)}@host`,
        basic: Buffer.from(value).toString("base64"),
        hex: Buffer.from(value).toString("hex"),
        list: [{ deep: value }],
        nested: JSON.stringify({ error: value }),
      };
      const line = redact.line(JSON.stringify(fields));
      const read = JSON.parse(line) as typeof fields;
      expect(read).toMatchObject({
        msg: expect.stringContaining("[redacted]"),
        url: "postgres://app:[redacted]@host",
        list: [{ deep: "[redacted]" }],
      });
      expect(read.hex).toBe("[redacted]");
      expect(read.basic.replace(/=+$/, "")).toBe("[redacted]");
      expect(read.nested).toBe('{"error":"[redacted]"}');
    }),
  );
});

test("no secret survives in a text", () => {
  fc.assert(
    fc.property(secret, (value) => {
      expect(redactor([value]).text(`connect to ${value} failed`)).toBe("connect to [redacted] failed");
    }),
  );
});

test("of overlapping secrets the longer one goes whole; short ones are left, or no line could be read", () => {
  const redact = redactor(["postgres://app:hunter22@db", "hunter22", "app"]);
  expect(redact.text("postgres://app:hunter22@db and hunter22 and app")).toBe("[redacted] and [redacted] and app");
});

test("credential headers are redacted at any depth and in any case, in lists too", () => {
  const line = JSON.stringify({
    headers: { Authorization: 'Basic "x\\"', "set-cookie": ["a=1", "b=2"], accept: "*/*" },
    a: [{ "X-API-Key": "k" }],
    authorization: null,
  });
  expect(JSON.parse(redactor([]).line(line))).toEqual({
    headers: { Authorization: "[redacted]", "set-cookie": "[redacted]", accept: "*/*" },
    a: [{ "X-API-Key": "[redacted]" }],
    authorization: null,
  });
});
