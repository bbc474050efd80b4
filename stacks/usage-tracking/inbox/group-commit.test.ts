import fc from "fast-check";
import { expect, test } from "vitest";
import { createGroupCommit, InboxRefusal, type GroupWriter, type InboxItem } from "./group-commit.ts";

const limits = { pendingBytes: 100, groupItems: 4, groupBytes: 50 };
const item = (bytes: number): InboxItem => ({ tenant: 1, events: 1, body: Buffer.alloc(bytes) });

/** A writer whose commits end when the test says so. */
function heldWriter(): GroupWriter & { ready: boolean; groups: number[][]; end(error?: Error): Promise<void> } {
  const held: PromiseWithResolvers<void>[] = [];
  const groups: number[][] = [];
  return {
    ready: true,
    groups,
    write: (items) => {
      groups.push(items.map((each) => each.body.length));
      const one = Promise.withResolvers<void>();
      held.push(one);
      return one.promise;
    },
    end: async (error) => {
      const one = held.shift();
      if (error) one?.reject(error);
      else one?.resolve();
      await new Promise(setImmediate);
    },
  };
}

test("what waits while a writer is busy is one group, within its bounds", async () => {
  const writer = heldWriter();
  const commit = createGroupCommit([writer], limits);
  const all = Promise.all([10, 20, 20, 10, 1, 1, 1, 1, 1].map((bytes) => commit.submit(item(bytes))));
  expect(writer.groups).toEqual([[10]]);
  for (let group = 0; group < 4; group++) await writer.end();
  expect(writer.groups).toEqual([[10], [20, 20, 10], [1, 1, 1, 1], [1]]);
  await all;
  expect(commit.pendingBytes()).toBe(0);
});

test("two writers work at once; the failure of one refuses its items only", async () => {
  const [a, b] = [heldWriter(), heldWriter()];
  const commit = createGroupCommit([a, b], limits);
  const [first, second] = [commit.submit(item(1)), commit.submit(item(2))];
  expect([a.groups, b.groups]).toEqual([[[1]], [[2]]]);
  void a.end(new Error("connection lost"));
  await expect(first).rejects.toMatchObject({ reason: "unavailable" });
  await b.end();
  await second;
});

test("too much waiting is refused at once, and one large item always fits", async () => {
  const writer = heldWriter();
  const commit = createGroupCommit([writer], limits);
  const large = commit.submit(item(500));
  await expect(commit.submit(item(1))).rejects.toMatchObject({ reason: "full" });
  await writer.end();
  await large;
});

test("without a ready writer an item is refused, also one that was waiting", async () => {
  const writer = heldWriter();
  const commit = createGroupCommit([writer], limits);
  const flying = commit.submit(item(1));
  const waiting = commit.submit(item(2));
  writer.ready = false;
  void writer.end(new Error("connection lost"));
  await expect(flying).rejects.toBeInstanceOf(InboxRefusal);
  await expect(waiting).rejects.toMatchObject({ reason: "unavailable" });
  await expect(commit.submit(item(3))).rejects.toMatchObject({ reason: "unavailable" });
});

test("every item is written exactly once and answered as its group ended", async () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant("submit" as const), bytes: fc.integer({ min: 1, max: 60 }) }),
    fc.record({ do: fc.constant("end" as const), writer: fc.nat({ max: 1 }), fails: fc.boolean() }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const writers = [heldWriter(), heldWriter()];
      const commit = createGroupCommit(writers, limits);
      const outcomes: Promise<"stored" | InboxRefusal["reason"]>[] = [];
      for (const each of steps) {
        if (each.do === "end") await writers[each.writer]?.end(each.fails ? new Error("lost") : undefined);
        else {
          const done = commit.submit(item(each.bytes));
          outcomes.push(
            done.then(
              () => "stored" as const,
              (error: InboxRefusal) => error.reason,
            ),
          );
        }
        expect(commit.pendingBytes()).toBeLessThanOrEqual(limits.pendingBytes);
      }
      while (commit.pendingBytes() > 0) for (const writer of writers) await writer.end();
      const ended = await Promise.all(outcomes);
      const written = writers.flatMap((writer) => writer.groups.flat());
      expect(written).toHaveLength(ended.filter((outcome) => outcome !== "full").length);
    }),
  );
});
