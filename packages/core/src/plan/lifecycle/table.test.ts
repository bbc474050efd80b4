import fc from "fast-check";
import { expect, test } from "vitest";
import { table } from "./table.ts";

const step = fc.record({
  act: fc.constantFrom("set", "set", "delete", "copy"),
  name: fc.nat({ max: 60 }).map(String),
  value: fc.nat(),
});

test("is as a map is, and what a copy is taken of stays as it was", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      let now = table<number>();
      const map = new Map<string, number>();
      const before: { readonly kept: typeof now; readonly entries: readonly (readonly [string, number])[] }[] = [];
      for (const { act, name, value } of steps) {
        if (act === "copy") {
          before.push({ kept: now, entries: [...map] });
          now = now.copy();
        } else if (act === "set") {
          now.set(name, value);
          map.set(name, value);
        } else {
          now.delete(name);
          map.delete(name);
        }
        expect(now.get(name)).toBe(map.get(name));
      }
      expect([...now.entries()]).toEqual([...map]);
      for (const { kept, entries } of before) expect([...kept.entries()]).toEqual(entries);
    }),
  );
});
