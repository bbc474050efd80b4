import fc from "fast-check";
import { Type, type TSchema } from "typebox";
import { Value } from "typebox/value";
import { expect, test } from "vitest";
import { check } from "./compiled.ts";
import { explain } from "./explain.ts";

const schema: fc.Arbitrary<TSchema> = fc.letrec<{ schema: TSchema }>((tie) => ({
  schema: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom<TSchema>(
      Type.String({ minLength: 2 }),
      Type.Integer({ minimum: 0 }),
      Type.Boolean(),
      Type.Null(),
      Type.Literal("a"),
      Type.Enum(["a", "b"]),
      Type.Record(Type.String(), Type.Integer()),
      Type.Tuple([Type.String(), Type.Integer()]),
    ),
    tie("schema").map((items) => Type.Array(items, { maxItems: 3 })),
    fc.array(tie("schema"), { minLength: 1, maxLength: 3 }).map((branches) => Type.Union(branches)),
    fc
      .tuple(fc.dictionary(fc.constantFrom("a", "b/c", "d~e", "kind"), tie("schema")), fc.boolean())
      .map(([properties, closed]) => Type.Object(properties, closed ? { additionalProperties: false } : {})),
  ),
})).schema;

const value = fc.jsonValue({ maxDepth: 3 });

test("a value that does not fit has 1 to 20 errors, one that fits has a check that says so", () => {
  fc.assert(
    fc.property(schema, value, (wanted, given) => {
      if (check(wanted, given)) return;
      const errors = explain(wanted, given, "/body");
      expect(errors.length).toBeGreaterThanOrEqual(1);
      expect(errors.length).toBeLessThanOrEqual(20);
      for (const { path, code, message } of errors) {
        expect(path.startsWith("/body")).toBe(true);
        expect(code).toMatch(/^\w+$/);
        expect(message).toMatch(/^(expected .* got |is not known; )/s);
      }
    }),
    { numRuns: 2000 },
  );
});

const Llm = Type.Object(
  { type: Type.Literal("llm"), tokens: Type.Integer({ minimum: 0 }) },
  { additionalProperties: false },
);
const Page = Type.Object({ type: Type.Literal("page"), pages: Type.Integer() });
const Batch = Type.Object({ events: Type.Array(Type.Union([Llm, Page]), { minItems: 1 }) });

test.each<[string, unknown, readonly { path: string; code: string; message: string }[]]>([
  ["nothing", undefined, [{ path: "/body", code: "type", message: "expected an object, as JSON, got nothing" }]],
  ["a missing key", {}, [{ path: "/body/events", code: "required", message: "expected a list, as JSON, got nothing" }]],
  [
    "too few",
    { events: [] },
    [
      {
        path: "/body/events",
        code: "minItems",
        message: expect.stringMatching(/^expected a list, as JSON, got a list of 0 \(/),
      },
    ],
  ],
  [
    "the branch that was meant",
    {
      events: [
        { type: "page", pages: 1 },
        { type: "llm", tokens: -1, extra: 1 },
      ],
    },
    [
      { path: "/body/events/1/tokens", code: "minimum", message: "expected an integer, 0 or more, got -1" },
      { path: "/body/events/1/extra", code: "unknown", message: "is not known; expected type, tokens" },
    ],
  ],
  [
    "no branch",
    { events: [{ type: "lmm" }] },
    [{ path: "/body/events/0/type", code: "enum", message: 'expected one of "llm", "page", got "lmm"' }],
  ],
])("%s", (_name, body, errors) => {
  expect(explain(Batch, body, "/body")).toEqual(errors);
});

test("one mistake among a thousand events is found without looking at each in detail", () => {
  const events = Array.from({ length: 1000 }, () => ({ type: "llm", tokens: 1 }));
  events.push({ type: "llm", tokens: -1 });
  expect(explain(Batch, { events }, "")).toMatchObject([{ path: "/events/1000/tokens" }]);
  // TypeBox's own list takes 80 times as long. The best of several turns, both in the same ones.
  let [ours, theirs] = [Infinity, Infinity];
  for (let turn = 0; turn < 7; turn++) {
    ours = Math.min(
      ours,
      cpuOf(() => explain(Batch, { events }, "")),
    );
    theirs = Math.min(
      theirs,
      cpuOf(() => [...Value.Errors(Batch, { events })]),
    );
  }
  expect(ours / theirs).toBeLessThan(0.3);
});

/** Microseconds of CPU time: what others do on the machine is not counted. */
function cpuOf(work: () => unknown): number {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return user + system;
}
