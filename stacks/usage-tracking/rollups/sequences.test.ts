import fc from "fast-check";
import { expect, test } from "vitest";
import { costsOf, type Usage } from "../billing/cost.ts";
import { parseRule } from "../billing/parse-rule.ts";
import { overlap, type Rule } from "../billing/rule.ts";
import type { Unit, Volumes } from "../billing/units.ts";
import { formatInstant, parseInstant } from "../events/instant.ts";
import { normaliseEvent } from "../events/normalise-event.ts";
import type { StoredEvent } from "../events/stored-event.ts";
import { claimShard } from "../services/event-processor/claim-shard.ts";
import { createKnown } from "../services/event-processor/known.ts";
import { applyRows, inboxRow, openClient } from "../testing/apply.ts";
import { startDatabase } from "../testing/database.ts";
import { migratedDatabase } from "../testing/migrated-database.ts";
import { measuresOf, naiveTotals, startByDate, type Counted } from "../testing/naive-totals.ts";
import { sentEvents } from "../testing/sent-events.ts";
import { storedTotals } from "../testing/stored-totals.ts";
import { deltasOf, type Deltas } from "./deltas.ts";
import { digitsAt } from "./exact-sums.ts";
import { sumNames, volumeNames } from "./measures.ts";

const runs = Number(process.env["SEQUENCE_RUNS"] ?? 5000);
const seed = Number(process.env["SEQUENCE_SEED"] ?? 20261125);
const now = parseInstant("2026-11-20T12:00:00Z") ?? 0;
const day = 86_400_000_000;

type Step =
  | { readonly kind: "event"; readonly tenant: number; readonly sent: Record<string, unknown>; readonly late: number }
  | { readonly kind: "again"; readonly which: number; readonly moved: number; readonly sent: Record<string, unknown> }
  | { readonly kind: "cut" }
  | {
      readonly kind: "rule";
      readonly part: string;
      readonly from: number;
      readonly days: number;
      readonly named: boolean;
      readonly minimum: string;
    }
  | { readonly kind: "end"; readonly which: number; readonly days: number };

const sent = sentEvents({ now, few: true });
const part = fc.constantFrom(
  "tokens=0..5000000000000000:0.000002,5000000000000000..9000000000000000:0.000001,9000000000000000..:0.000000000001",
  "requests=0..2:1.5,2..:0.25",
  "minutes=0.07",
  "bytes=0.000000000001",
  "pages=0..500000:0.01,500000..:0.001",
  "custom=3",
);
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant("event" as const),
        tenant: fc.integer({ min: 1, max: 2 }),
        sent,
        late: fc.nat({ max: 70 }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant("again" as const), which: fc.nat(), moved: fc.nat({ max: 90 }), sent }),
    },
    { weight: 2, arbitrary: fc.constant({ kind: "cut" as const }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant("rule" as const),
        part,
        from: fc.nat({ max: 90 }),
        days: fc.nat({ max: 60 }),
        named: fc.boolean(),
        minimum: fc.constantFrom("0", "12.5"),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant("end" as const), which: fc.nat(), days: fc.nat({ max: 60 }) }),
    },
  ),
  { maxLength: 14 },
);

interface Played {
  /** What counts. */
  readonly events: readonly Counted[];
  /** What came, batch by batch, repeated events too. */
  readonly received: readonly (readonly Counted[])[];
  readonly rows: ReadonlyMap<string, readonly bigint[]>;
  readonly rules: readonly Rule[];
}

/** Plays a sequence as gateway, processor and rule changes would: first id wins, batches add deltas to what there is. */
function play(sequence: readonly Step[]): Played {
  const events: Counted[] = [];
  const received: Counted[][] = [[]];
  const seen = new Set<string>();
  const rows = new Map<string, bigint[]>();
  let rules: Rule[] = [];
  let batch: Counted[] = [];
  const receive = (tenant: number, event: StoredEvent): void => {
    received.at(-1)?.push({ tenant, event });
    const id = `${tenant} ${event.id}`;
    if (seen.has(id)) return;
    seen.add(id);
    batch.push({ tenant, event });
    events.push({ tenant, event });
  };
  const cut = (): void => {
    add(rows, deltasOf(batch));
    batch = [];
    received.push([]);
  };
  for (const step of sequence) {
    if (step.kind === "event") {
      const event = normal(step.sent);
      receive(step.tenant, { ...event, at: event.at - step.late * day });
    } else if (step.kind === "again") {
      const old = events[step.which % Math.max(1, events.length)];
      if (old) receive(old.tenant, { ...normal(step.sent), id: old.event.id, at: old.event.at - step.moved * day });
    } else if (step.kind === "cut") cut();
    else if (step.kind === "rule") rules = withRule(rules, step);
    else {
      const rule = rules[step.which % Math.max(1, rules.length)];
      const until = rule && rule.from + (1 + step.days) * day;
      rules = rules.map((each) =>
        each === rule && until !== undefined && until < (each.until ?? Infinity) ? { ...each, until } : each,
      );
    }
  }
  cut();
  return { events, received, rows, rules };
}

function normal(sent_: unknown): StoredEvent {
  const outcome = normaliseEvent(sent_, { tenant: "acme", now });
  if ("issues" in outcome) throw new Error(JSON.stringify(outcome.issues));
  return outcome.event;
}

const services: Readonly<Record<string, string>> = {
  pages: "document_processor",
  bytes: "api_service",
  custom: "custom",
  requests: "api_service",
};

function withRule(rules: Rule[], step: Extract<Step, { kind: "rule" }>): Rule[] {
  const unit = step.part.slice(0, step.part.indexOf("="));
  const from = Math.floor(now / day) * day - step.from * day;
  const text = (at: number): string => formatInstant(at).slice(0, 10);
  const wanted = parseRule({
    service: services[unit] ?? "llm_service",
    ...(step.named && { provider: "a" }),
    from: text(from),
    ...(step.days > 0 && { until: text(from + step.days * day) }),
    part: [step.part],
    minimum: step.minimum,
  });
  return rules.some((rule) => overlap(rule, wanted)) ? rules : [...rules, { ...wanted, id: rules.length + 1 }];
}

function add(rows: Map<string, bigint[]>, { totals, models, users }: Deltas): void {
  const plus = (id: string, values: readonly bigint[]): void => {
    const old = rows.get(id);
    rows.set(id, old ? values.map((value, index) => value + (old[index] ?? 0n)) : [...values]);
  };
  for (const { tenant, dimension, period, bucket, key, events, sums, latencies, users: active } of totals) {
    const id = JSON.stringify([tenant, dimension, period, bucket, key]);
    plus(id, [BigInt(events), ...sumNames.map((_, index) => BigInt(digitsAt(sums, index)))]);
    for (const [slot, count] of latencies) plus(`${id} slot ${slot}`, [BigInt(count)]);
    for (const [user, count] of active) plus(`${id} user ${user}`, [BigInt(count)]);
  }
  for (const [name, list] of [
    ["model", models],
    ["user", users],
  ] as const) {
    for (const { tenant, period, bucket, user, cell, events, sums } of list) {
      const id = JSON.stringify([name, tenant, period, bucket, user, cell.service, cell.provider, cell.model]);
      plus(id, [BigInt(events), ...volumeNames.map((each) => BigInt(digitsAt(sums, sumNames.indexOf(each))))]);
    }
  }
}

/** Costs by month from events: event after event in order of time, each unit at the price of where the month stands. */
function naiveCosts(events: readonly Counted[], tenant: number, rules: readonly Rule[]): Map<string, bigint> {
  const costs = new Map<string, bigint>();
  const volumes = new Map<string, { rule: Rule; count: bigint }>();
  for (const { event } of events.filter((each) => each.tenant === tenant)) {
    const matching = rules.filter(
      (rule) =>
        rule.service === event.service &&
        (rule.provider ?? event.provider) === event.provider &&
        rule.from <= event.at &&
        event.at < (rule.until ?? Infinity),
    );
    const rule = matching.find((each) => each.provider !== undefined) ?? matching[0];
    if (!rule) continue;
    const id = `${rule.id} ${startByDate("month", event.at)}`;
    const m = measuresOf(event);
    const by: Record<Unit, bigint> = {
      tokens: m.input + m.output,
      input_tokens: m.input,
      output_tokens: m.output,
      requests: event.service === "api_service" ? m.requests : 1n,
      pages: m.pages,
      bytes: m.bytes,
      minutes: m.us ?? 0n,
      custom: m.custom,
    };
    const unit = rule.parts[0]?.unit ?? "tokens";
    volumes.set(id, { rule, count: (volumes.get(id)?.count ?? 0n) + by[unit] });
  }
  for (const [id, { rule, count }] of volumes) {
    const [only] = rule.parts;
    const scale = only?.unit === "minutes" ? 60_000_000n : only?.unit === "custom" ? 1_000_000n : 1n;
    let [left, price] = [count, 0n];
    for (const tier of only?.tiers ?? []) {
      const size = tier.to === undefined ? left : (tier.to - tier.from) * scale;
      const taken = left < size ? left : size;
      price += taken * tier.rate;
      left -= taken;
    }
    const [floor, rest] = [price / scale, price % scale];
    const rounded = floor + (rest * 2n >= scale ? 1n : 0n);
    costs.set(id, rounded > rule.minimum ? rounded : rule.minimum);
  }
  return costs;
}

function usageIn(rows: ReadonlyMap<string, readonly bigint[]>, tenant: number, period: "hour" | "day"): Usage[] {
  return [...rows].flatMap(([id, values]): Usage[] => {
    if (!id.startsWith('["model"')) return [];
    const [, own, kept, bucket, , service, provider, model] = JSON.parse(id) as [
      string,
      number,
      string,
      number,
      string,
      string,
      string,
      string,
    ];
    if (own !== tenant || kept !== period) return [];
    const names = ["events", ...volumeNames];
    const volumes = Object.fromEntries(names.map((name, index) => [name, values[index] ?? 0n])) as Volumes;
    return [{ bucket, service, provider, model, volumes }];
  });
}

test(`${runs} sequences of late, repeated and moved events and rule changes: totals and costs are those of a naive recomputation (seed ${seed})`, () => {
  fc.assert(
    fc.property(steps, (sequence) => {
      const { events, rows, rules } = play(sequence);
      expect(rows).toEqual(naiveTotals(events));
      for (const tenant of [1, 2]) {
        const expected = naiveCosts(events, tenant, rules);
        for (const period of ["hour", "day"] as const) {
          const found = new Map<string, bigint>();
          for (const { rule, bucket, cost } of costsOf(usageIn(rows, tenant, period), rules)) {
            expect(cost >= 0n).toBe(true);
            const id = `${rule} ${startByDate("month", bucket)}`;
            found.set(id, (found.get(id) ?? 0n) + cost);
          }
          expect(found, period).toEqual(expected);
        }
      }
    }),
    { numRuns: runs, seed },
  );
}, 300_000);

test(`the same sequences through the database: its totals are those of a naive recomputation (seed ${seed})`, async () => {
  await using server = await startDatabase();
  await using client = await openClient(await migratedDatabase(server, "sequences"));
  await client.query("insert into inbox_writer values (0)");
  const claim = await claimShard(client, 0);
  if (!claim) throw new Error("expected the shard to be free");
  // Each has tenants of its own, so that all can be applied at once, batch by batch.
  const played = fc.sample(steps, { numRuns: runs, seed }).map((sequence, index) => {
    const { events, received } = play(sequence);
    const own = ({ tenant, event }: Counted): Counted => ({ tenant: index * 2 + tenant, event });
    return { events: events.map(own), received: received.map((batch) => batch.map(own)) };
  });
  const known = createKnown();
  let seq = 0;
  for (let round = 0; played.some(({ received }) => round < received.length); round++) {
    const batch = played.flatMap(({ received }) => received[round] ?? []);
    const rows = batch.map(({ tenant, event }) => inboxRow(++seq, tenant, [event]));
    const { dead } = await applyRows(client, claim.owned, rows, known, round % 2 === 1);
    expect(dead).toBe(0);
  }
  const expected = naiveTotals(played.flatMap(({ events }) => events));
  const stored = await storedTotals(client);
  expect(stored.size).toBe(expected.size);
  expect(expected.size).toBeGreaterThan(runs);
  const wrong = [...expected].filter(([id, values]) => String(stored.get(id)) !== String(values));
  expect(wrong.slice(0, 5).map(([id, values]) => ({ id, values, stored: stored.get(id) }))).toEqual([]);
}, 600_000);
