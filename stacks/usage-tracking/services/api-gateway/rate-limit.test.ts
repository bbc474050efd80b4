import fc from "fast-check";
import { expect, test } from "vitest";
import { createRateLimiter, type Allowance } from "./rate-limit.ts";

const rate = { perMinute: 600, burst: 50 };

/** Replicas over one bucket that follows the rule of the table, with a clock that the test moves. */
function replicas(count: number): {
  readonly take: (replica: number) => Promise<Allowance>;
  readonly pass: (ms: number) => void;
  readonly leases: () => number;
} {
  let time = 0;
  let bucket = { tokens: rate.burst, at: 0 };
  let leases = 0;
  const lease = async (_family: string, want: number, back: number): Promise<{ granted: number; left: number }> => {
    leases++;
    const filled = Math.min(rate.burst, bucket.tokens + back + ((time - bucket.at) * rate.perMinute) / 60_000);
    const granted = Math.min(want, Math.floor(filled));
    bucket = { tokens: filled - granted, at: time };
    return { granted, left: bucket.tokens };
  };
  const limiters = Array.from({ length: count }, () => createRateLimiter(rate, lease, () => time));
  return {
    take: async (replica) => (await limiters[replica]?.take("f")) ?? expect.fail("no such replica"),
    pass: (ms) => {
      time += ms;
    },
    leases: () => leases,
  };
}

test("over any time, all replicas admit at most burst + rate x time + a slice each", async () => {
  const step = fc.record({ ms: fc.nat({ max: 3000 }), replica: fc.nat({ max: 2 }), requests: fc.nat({ max: 40 }) });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const { take, pass } = replicas(3);
      const admitted: { at: number; count: number }[] = [];
      let now = 0;
      for (const { ms, replica, requests } of steps) {
        pass(ms);
        now += ms;
        const answers = await Promise.all(Array.from({ length: requests }, () => take(replica)));
        admitted.push({ at: now, count: answers.filter((each) => each.allowed).length });
      }
      for (const [first, { at }] of admitted.entries()) {
        let sum = 0;
        for (const { at: until, count } of admitted.slice(first)) {
          sum += count;
          expect(sum).toBeLessThanOrEqual(rate.burst + ((until - at) * rate.perMinute) / 60_000 + 3 * 5);
        }
      }
    }),
  );
});

test("who sends slower than the rate is never refused, whichever replica answers", async () => {
  const { take, pass } = replicas(2);
  for (let n = 0; n < 500; n++) {
    pass(110);
    expect((await take(n % 2)).allowed).toBe(true);
  }
});

test("at full speed a request costs a fraction of a round trip, a refused one none", async () => {
  const { take, pass, leases } = replicas(1);
  const answers: Allowance[] = [];
  for (let n = 0; n < 1000; n++) {
    pass(1);
    answers.push(await take(0));
  }
  // 50 at once and 10 a second for a second.
  expect(answers.filter((each) => each.allowed).length).toBeLessThanOrEqual(60);
  expect(leases()).toBeLessThan(60);
  const refused = answers.findLast((each) => !each.allowed);
  expect(refused).toMatchObject({ remaining: 0, retrySeconds: 1, resetSeconds: 5 });
});

test("a store that is away refuses who waits, and is asked again by the next", async () => {
  let away = true;
  const lease = (): Promise<{ granted: number; left: number }> =>
    away ? Promise.reject(new Error("away")) : Promise.resolve({ granted: 1, left: 0 });
  const limiter = createRateLimiter(rate, lease, () => 0);
  await expect(Promise.all([limiter.take("f"), limiter.take("f")])).rejects.toThrow("away");
  away = false;
  expect(await limiter.take("f")).toMatchObject({ allowed: true });
});
