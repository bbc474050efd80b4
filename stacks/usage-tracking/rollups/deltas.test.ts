import fc from "fast-check";
import { expect, test } from "vitest";
import { normaliseEvent } from "../events/normalise-event.ts";
import { parseInstant } from "../events/instant.ts";
import type { StoredEvent } from "../events/stored-event.ts";
import { sentEvents } from "../testing/sent-events.ts";
import { bucketOf, deltasOf, type Delta } from "./deltas.ts";
import { addSum, addTo, exactSum, valueOf } from "./exact-sum.ts";
import { eachMeasure, sumNames } from "./measures.ts";

const now = parseInstant("2026-11-20T12:00:00Z") ?? 0;

const events: fc.Arbitrary<{ tenant: number; event: StoredEvent }[]> = fc.array(
  fc.record({ tenant: fc.integer({ min: 1, max: 3 }), event: sentEvents({ now, few: true }).map(normal) }),
  { maxLength: 30 },
);

function normal(sent: unknown): StoredEvent {
  const outcome = normaliseEvent(sent, { tenant: "acme", now });
  if ("issues" in outcome) throw new Error(JSON.stringify(outcome.issues));
  return outcome.event;
}

/** The sums of events from first principles: bigints, added one by one. */
function sumsOf(list: readonly StoredEvent[]): bigint[] {
  const sums = sumNames.map(() => 0n);
  for (const event of list) {
    eachMeasure(event, (sum, value) => {
      sums[sum] = (sums[sum] ?? 0n) + BigInt(value);
    });
  }
  return sums;
}

/** Adds deltas to a table that starts empty, as the upsert does. */
function applied(...batches: readonly Delta[][]): Map<string, bigint[]> {
  const rows = new Map<string, bigint[]>();
  for (const { tenant, dimension, period, bucket, key, events: count, sums } of batches.flat()) {
    const id = JSON.stringify([tenant, dimension, period, bucket, key]);
    const old = rows.get(id) ?? [];
    rows.set(
      id,
      [BigInt(count), ...sums.map(valueOf)].map((sum, index) => sum + (old[index] ?? 0n)),
    );
  }
  return rows;
}

test("however events are ordered and cut into batches, the totals are the same", () => {
  fc.assert(
    fc.property(events, fc.nat(), fc.nat(), (all, cut, turn) => {
      const at = cut % (all.length + 1);
      const turned = [...all.slice(turn % (all.length + 1)), ...all.slice(0, turn % (all.length + 1))];
      expect(applied(deltasOf(turned.slice(0, at)), deltasOf(turned.slice(at)))).toEqual(applied(deltasOf(all)));
    }),
  );
});

test("every total of a bucket and key is the sum over its events", () => {
  fc.assert(
    fc.property(events, (all) => {
      for (const delta of deltasOf(all)) {
        const members = all.filter(
          ({ tenant, event }) =>
            tenant === delta.tenant &&
            bucketOf(delta.period, event.at) === delta.bucket &&
            (delta.dimension === "all" || event[delta.dimension] === delta.key),
        );
        expect(delta.events).toBe(members.length);
        expect(delta.sums.map(valueOf)).toEqual(sumsOf(members.map(({ event }) => event)));
      }
    }),
  );
});

test("one row per key, sorted, and an event without a user adds to none", () => {
  fc.assert(
    fc.property(events, (all) => {
      const ids = deltasOf(all).map(({ tenant, dimension, period, bucket, key }) =>
        [tenant, dimension, period, String(bucket).padStart(20, "0"), key].join("\0"),
      );
      expect(ids).toEqual([...new Set(ids)].toSorted());
      const users = deltasOf(all).filter((delta) => delta.dimension === "user" && delta.period === "day");
      const named = all.filter(({ event }) => event.user !== undefined);
      expect(users.reduce((sum, delta) => sum + delta.events, 0)).toBe(named.length);
    }),
  );
});

test("sums beyond 2^53 stay exact", () => {
  const large = normal({
    event_id: "0198f1a2-0000-7000-8000-000000000001",
    service_type: "llm_service",
    service_provider: "p",
    model: "m",
    input_tokens: 2 ** 53 - 2,
    output_tokens: 1,
    latency_ms: 999_999_999_999.999,
  });
  const [delta] = deltasOf(Array.from({ length: 1001 }, () => ({ tenant: 1, event: large })));
  const sums = delta?.sums.map(valueOf) ?? [];
  expect(sums[sumNames.indexOf("input_tokens")]).toBe(1001n * (2n ** 53n - 2n));
  expect(sums[sumNames.indexOf("latency_us")]).toBe(1001n * 999_999_999_999_999n);
});

test("an exact sum is what bigints add up to, in any order and grouping, and takes whole numbers only", () => {
  const numbers = fc.array(fc.oneof(fc.nat({ max: 2 ** 53 - 1 }), fc.nat({ max: 1000 })), { maxLength: 40 });
  fc.assert(
    fc.property(numbers, fc.nat(), (values, cut) => {
      const parts = [values.slice(0, cut % 41), values.slice(cut % 41)].map((part) => {
        const sum = exactSum();
        for (const value of part) addTo(sum, value);
        return sum;
      });
      const whole = exactSum();
      for (const part of parts) addSum(whole, part);
      expect(valueOf(whole)).toBe(values.reduce((all, value) => all + BigInt(value), 0n));
    }),
  );
  for (const value of [0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => addTo(exactSum(), value)).toThrow(RangeError);
  }
});
