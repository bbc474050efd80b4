import fc from "fast-check";
import { expect, test } from "vitest";
import { inexactNumber, parseJson } from "./parse-json.ts";

const parse = (body: string | Buffer): unknown => {
  const parsed = parseJson(Buffer.isBuffer(body) ? body : Buffer.from(body));
  return "fault" in parsed ? parsed.fault : parsed.value;
};

test("reads what JSON.parse reads", () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 6 }), (text) => {
      expect(parse(text)).toEqual(JSON.parse(text));
    }),
    { numRuns: 500 },
  );
});

test("refuses what JSON.parse refuses, at a place inside the text", () => {
  const damaged = fc
    .tuple(fc.json({ maxDepth: 5 }), fc.nat(), fc.constantFrom("", ",", "}", "]", '"', ":", "x", "\\", "-", "0", "1"))
    .map(([text, at, mark]) => {
      const cut = at % (text.length + 1);
      return text.slice(0, cut) + mark + text.slice(cut + 1);
    });
  fc.assert(
    fc.property(damaged, (text) => {
      let valid = true;
      try {
        JSON.parse(text);
      } catch {
        valid = false;
      }
      const parsed = parseJson(Buffer.from(text));
      expect("value" in parsed).toBe(valid);
      if (!("fault" in parsed)) return;
      expect(parsed.fault.code).toBe("invalid_json");
      expect(parsed.fault.offset).toBeLessThanOrEqual(Buffer.byteLength(text));
      const prefix = Buffer.from(text).subarray(0, parsed.fault.offset).toString("latin1");
      expect(completable(prefix), `${text} up to ${parsed.fault.offset}`).toBe(true);
    }),
    { numRuns: 1000 },
  );
});

test("keeps every double and marks numbers that no double keeps", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      expect(parse(`[${JSON.stringify(value)}]`)).toEqual([value + 0]);
    }),
  );
  for (const text of ["123456789012345678", "0.1234567890123456789", "1e400", "-1e400", "1e-400", "9".repeat(5000)]) {
    expect(parse(`{"a":[${text}]}`)).toEqual({ a: [inexactNumber] });
  }
  for (const text of ["0", "-0.0", "0e9", "0.00000000000000000000000000000015", "12345678901234567", "1.5e300"]) {
    expect(parse(`[${text}]`)).toEqual([Number(text)]);
  }
  expect(parse('{"a":"123456789012345678901234567890"}')).toEqual({ a: "123456789012345678901234567890" });
});

test.each<[string, string | Buffer, object]>([
  ["nothing", "", { code: "invalid_json", path: "", offset: 0 }],
  ["NaN", '[{"a":NaN}]', { code: "invalid_json", path: "/0/a", offset: 6 }],
  ["a trailing comma", "[1,2,]", { code: "invalid_json", path: "/2", offset: 5 }],
  ["a key without quotes", '{"a":1,b:2}', { code: "invalid_json", path: "/a", offset: 7 }],
  ["text after the end", "[] []", { code: "invalid_json", path: "", offset: 3 }],
  ["an end too early", '{"a":[1', { code: "invalid_json", path: "/a/0", offset: 7 }],
  ["a byte order mark", "\uFEFF[]", { code: "invalid_json", path: "", offset: 0 }],
  ["escapes in the path", '{"a/b~":[x]}', { code: "invalid_json", path: "/a~1b~0/0", offset: 9 }],
  [
    "nesting of arrays",
    `{"a":${"[".repeat(1_000_000)}`,
    { code: "too_deep", path: `/a${"/0".repeat(11)}`, offset: 16 },
  ],
  ["nesting of objects", '{"a":'.repeat(20), { code: "too_deep", path: "/a".repeat(12), offset: 60 }],
  [
    "bad UTF-8 in a text",
    Buffer.from([0x5b, 0x22, 0xc3, 0x28, 0x22, 0x5d]),
    { code: "invalid_utf8", path: "/0", offset: 3 },
  ],
  ["UTF-8 cut off", Buffer.from([0x5b, 0x22, 0xc3]), { code: "invalid_json", path: "/0", offset: 1 }],
])("says where: %s", (_name, body, fault) => expect(parse(body)).toEqual(fault));

test("brackets and digits inside texts are texts, whatever is escaped before them", () => {
  const text = `\\"${"[".repeat(50)}${"9".repeat(50)}\\\\`;
  expect(parse(`{"a":"${text}","b":[1]}`)).toEqual({ a: JSON.parse(`"${text}"`), b: [1] });
  expect(parse(`["\\\\",${"[".repeat(20)}${"]".repeat(20)}]`)).toMatchObject({ code: "too_deep" });
});

test("twelve levels are read, a thirteenth is refused although it is JSON", () => {
  const nested = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);
  expect(parse(nested(12))).toEqual(JSON.parse(nested(12)));
  expect(parse(nested(13))).toMatchObject({ code: "too_deep", offset: 12 });
});

test("a fault in four megabytes is found without recursion", () => {
  expect(parse(`["${"a".repeat(4_000_000)}",}`)).toEqual({ code: "invalid_json", path: "/1", offset: 4_000_004 });
  expect(parse(`"${'\\"'.repeat(2_000_000)}`)).toEqual({ code: "invalid_json", path: "", offset: 0 });
});

/** True when some continuation makes a JSON text of `prefix` (whose last token is complete). */
function completable(prefix: string): boolean {
  const stack: string[] = [];
  const bare = prefix.replaceAll(/"(?:[^"\\]|\\.)*"/gs, '""');
  for (const mark of bare) {
    if (mark === "[" || mark === "{") stack.push(mark);
    else if (mark === "]" || mark === "}") stack.pop();
  }
  const closing = stack
    .toReversed()
    .map((mark) => (mark === "[" ? "]" : "}"))
    .join("");
  const joints = ["", "0", ":0", '"":0', '"x":0'];
  return joints.some((joint) => {
    try {
      JSON.parse(prefix + joint + closing);
      return true;
    } catch {
      return false;
    }
  });
}
