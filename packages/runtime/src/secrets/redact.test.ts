import fc from "fast-check";
import { expect, test } from "vitest";
import { randomText } from "./random-text.ts";
import { createRedactor } from "./redact.ts";

const awkward = 'p@ss w"ö\\rd/+=%\t!';
const generated = "Tq7bXw0HnZ4kPzR9vUe2sYcLmAaJ5dGf1oiWB3xQhK8";

const contexts: Readonly<Record<string, (value: string) => string>> = {
  "as it is": (value) => value,
  "in a URL": (value) => `postgres://user:${encodeURIComponent(value)}@127.0.0.1:5432/db`,
  "in a URL, escapes in lower case": (value) =>
    encodeURIComponent(value).replace(/%../g, (escape) => escape.toLowerCase()),
  "as form data": (value) => new URLSearchParams({ password: value }).toString(),
  "in the WHATWG URL's own form": (value) => {
    const url = new URL("http://host/");
    url.password = value;
    return url.href;
  },
  "in JSON": (value) => JSON.stringify({ password: value }),
  "in JSON within JSON": (value) => JSON.stringify({ msg: JSON.stringify({ password: value }) }),
  "in base64": (value) => Buffer.from(value).toString("base64"),
  "in base64url": (value) => Buffer.from(value).toString("base64url"),
  "in basic auth after one byte": (value) => Buffer.from(`:${value}`).toString("base64"),
  "in basic auth after two": (value) => Buffer.from(`u:${value}`).toString("base64"),
  "in basic auth with a tail": (value) => Buffer.from(`usr:${value}\n{}`).toString("base64"),
  "in hex": (value) => Buffer.from(value).toString("hex"),
  "in upper-case hex": (value) => Buffer.from(value).toString("hex").toUpperCase(),
  "as bytes read as latin-1": (value) => Buffer.from(value).toString("latin1"),
};

test.for(Object.keys(contexts))("a secret %s is found, alone and in a line, whole and cut anywhere", (name) => {
  for (const value of [awkward, generated]) {
    const redactor = createRedactor([
      { name: "other", value: "never-there" },
      { name: "db-password", value },
    ]);
    const shown = contexts[name]?.(value) ?? "";
    const line = `before ${shown} after ${shown}`;
    const clean = redactor.text(line);
    expect(clean).toContain("[secret db-password]");
    expect(leaks(clean, shown, contexts[name]?.("-") ?? "")).toEqual([]);
    expect(clean).toMatch(/^before .* after /);
    for (let cut = 0; cut <= line.length; cut++) {
      const stream = redactor.stream();
      expect(stream.write(line.slice(0, cut)) + stream.write(line.slice(cut)) + stream.end()).toBe(clean);
    }
  }
});

/** Pieces of nine characters that came through, of the middle half (base64 shares its edges) and not of the context. */
function leaks(clean: string, shown: string, context: string): string[] {
  const [from, to] = [Math.floor(shown.length / 4), Math.ceil((shown.length * 3) / 4) - 9];
  const pieces = Array.from({ length: to - from }, (_, at) => shown.slice(from + at, from + at + 9));
  return pieces.filter((piece) => clean.includes(piece) && !context.includes(piece));
}

test("in pieces of any size, the result is that of the whole text", () => {
  const values = fc.uniqueArray(fc.string({ unit: fc.constantFrom("a", "b"), minLength: 4, maxLength: 6 }), {
    minLength: 1,
    maxLength: 4,
  });
  const pieces = fc.array(fc.string({ unit: fc.constantFrom("a", "b", " "), maxLength: 6 }), { maxLength: 12 });
  fc.assert(
    fc.property(values, pieces, (secrets, cut) => {
      const redactor = createRedactor(secrets.map((value, index) => ({ name: `s${index}`, value })));
      const stream = redactor.stream();
      const streamed = cut.map((piece) => stream.write(piece)).join("") + stream.end();
      expect(streamed).toBe(redactor.text(cut.join("")));
      for (const value of secrets) expect(streamed).not.toContain(value);
    }),
    { numRuns: 2000 },
  );
});

test("text without a secret comes out as it went in, and at once", () => {
  const redactor = createRedactor([{ name: "s", value: generated }]);
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => redactor.text(text) === text));
  expect(redactor.stream().write("ready to accept connections\n")).toBe("ready to accept connections\n");
  expect(createRedactor([]).text("anything")).toBe("anything");
});

test("each line of a key is a secret, its markers are not", () => {
  const lines = [randomText(48), randomText(48), randomText(48)];
  const key = `-----BEGIN PRIVATE KEY-----\n${lines.join("\n")}\n-----END PRIVATE KEY-----\n`;
  const { text } = createRedactor([{ name: "tls-key", value: key }]);
  expect(text(`a ${lines[1]} b`)).toBe("a [secret tls-key] b");
  expect(text("expected -----BEGIN PRIVATE KEY-----")).toBe("expected -----BEGIN PRIVATE KEY-----");
});

test("one secret inside another, and two that overlap, leave nothing of either", () => {
  const redactor = createRedactor([
    { name: "short", value: "abcdefgh" },
    { name: "long", value: "abcdefghijkl" },
    { name: "next", value: "ijklmnop" },
  ]);
  expect(redactor.text("x abcdefghz")).toBe("x [secret short]z");
  expect(redactor.text("x abcdefghijkl")).toBe("x [secret long]");
  expect(redactor.text("x abcdefghijklmnop y")).toBe("x [secret long] y");
  // cut where one has ended and the other one, inside it, has only begun
  const stream = redactor.stream();
  expect(stream.write("x abcdefghijkl") + stream.write("mnop y") + stream.end()).toBe("x [secret long] y");
});
