import fc from "fast-check";
import { expect, test } from "vitest";
import { normaliseEvent } from "../events/normalise-event.ts";
import { parseInstant } from "../events/instant.ts";
import type { StoredEvent } from "../events/stored-event.ts";
import { sentEvents } from "../testing/sent-events.ts";
import { deltasOf, type Delta, type Deltas, type VolumeDelta } from "./deltas.ts";
import { addSums, addTo, digitsAt, exactSums, type ExactSums } from "./exact-sums.ts";
import { addLatencies, type Latencies } from "./latency.ts";
import { eachMeasure, sumNames } from "./measures.ts";
import { startOf } from "./periods.ts";

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

function valuesOf(sums: ExactSums): bigint[] {
  return sums.low.map((_, index) => BigInt(digitsAt(sums, index)));
}

/** Adds deltas to tables that start empty, as the upserts do; a row is its sums, latencies and users. */
function applied(
  ...batches: readonly Deltas[]
): Map<string, { sums: bigint[]; latencies: Latencies; users: Map<string, number> }> {
  const rows = new Map<string, { sums: bigint[]; latencies: Latencies; users: Map<string, number> }>();
  const add = (id: string, delta: Delta | VolumeDelta): void => {
    const row = rows.get(id) ?? { sums: [], latencies: new Map(), users: new Map<string, number>() };
    row.sums = [BigInt(delta.events), ...valuesOf(delta.sums)].map((sum, index) => sum + (row.sums[index] ?? 0n));
    if ("latencies" in delta) addLatencies(row.latencies, delta.latencies);
    if ("users" in delta) for (const [user, n] of delta.users) row.users.set(user, (row.users.get(user) ?? 0) + n);
    rows.set(id, row);
  };
  for (const { totals, models, users } of batches) {
    for (const delta of totals) add(totalId(delta), delta);
    for (const delta of models) add(`model ${volumeId(delta)}`, delta);
    for (const delta of users) add(`user ${volumeId(delta)}`, delta);
  }
  return rows;
}

function totalId({ tenant, dimension, period, bucket, key }: Delta): string {
  return [tenant, dimension, period, String(bucket).padStart(20, "0"), key].join("\0");
}

function volumeId({ tenant, period, bucket, user, cell }: VolumeDelta): string {
  return [tenant, period, String(bucket).padStart(20, "0"), user, cell.id].join("\0");
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

test("every total of a bucket and key is the sum over its events, with their latencies and users", () => {
  fc.assert(
    fc.property(events, (all) => {
      for (const delta of deltasOf(all).totals) {
        const members = all.filter(
          ({ tenant, event }) =>
            tenant === delta.tenant &&
            startOf(delta.period, event.at) === delta.bucket &&
            (delta.dimension === "all" || event[delta.dimension] === delta.key),
        );
        expect(delta.events).toBe(members.length);
        expect(valuesOf(delta.sums)).toEqual(sumsOf(members.map(({ event }) => event)));
        const counted = [...delta.latencies.values()].reduce((sum, count) => sum + count, 0);
        expect(BigInt(counted)).toBe(valuesOf(delta.sums)[sumNames.indexOf("latency_count")]);
        const users = delta.dimension === "user" ? [] : members.flatMap(({ event }) => event.user ?? []);
        const byUser = [...Map.groupBy(users, (user) => user)].map(([user, own]) => [user, own.length] as const);
        expect(delta.users).toEqual(new Map(byUser));
      }
    }),
  );
});

test("one row per key, sorted; an event without a user adds to no user's totals, and to nobody's volumes", () => {
  fc.assert(
    fc.property(events, (all) => {
      const { totals, models, users } = deltasOf(all);
      for (const ids of [totals.map(totalId), models.map(volumeId), users.map(volumeId)]) {
        expect(ids).toEqual([...new Set(ids)].toSorted());
      }
      const count = (list: readonly { readonly events: number }[]): number =>
        list.reduce((sum, delta) => sum + delta.events, 0);
      const named = all.filter(({ event }) => event.user !== undefined);
      expect(count(totals.filter((delta) => delta.dimension === "user" && delta.period === "day"))).toBe(named.length);
      expect(count(users)).toBe(all.length);
      expect(count(users.filter((delta) => delta.user !== ""))).toBe(named.length);
      expect(count(models)).toBe(2 * all.length);
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
  const [delta] = deltasOf(Array.from({ length: 1001 }, () => ({ tenant: 1, event: large }))).totals;
  const sums = delta ? valuesOf(delta.sums) : [];
  expect(sums[sumNames.indexOf("input_tokens")]).toBe(1001n * (2n ** 53n - 2n));
  expect(sums[sumNames.indexOf("latency_us")]).toBe(1001n * 999_999_999_999_999n);
});

test("an exact sum is what bigints add up to, in any order and grouping, and takes whole numbers only", () => {
  const numbers = fc.array(fc.oneof(fc.nat({ max: 2 ** 53 - 1 }), fc.nat({ max: 1000 })), { maxLength: 40 });
  fc.assert(
    fc.property(numbers, fc.nat(), (values, cut) => {
      const parts = [values.slice(0, cut % 41), values.slice(cut % 41)].map((part) => {
        const sums = exactSums(2);
        for (const value of part) addTo(sums, 1, value);
        return sums;
      });
      const whole = exactSums(2);
      for (const part of parts) addSums(whole, part);
      expect(valuesOf(whole)).toEqual([0n, values.reduce((all, value) => all + BigInt(value), 0n)]);
    }),
  );
  for (const value of [0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => addTo(exactSums(1), 0, value)).toThrow(RangeError);
  }
});
