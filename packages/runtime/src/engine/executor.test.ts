import type { Operation, Plan } from "@caisson/core/run";
import { describe, expect, it } from "vitest";
import { execute, type OperationResult } from "./executor.ts";

const operation = (id: number, ...after: number[]): Operation => ({
  id,
  after,
  cause: "test",
  action: { type: "await", resource: `r${id}`, condition: "healthy" },
});
const plan = (...operations: Operation[]): Plan => ({ operations, unchanged: [], confirmations: [], notes: [] });
const words = ({ operation: { id }, status, reason }: OperationResult): string =>
  `${id} ${status}${reason === undefined ? "" : `: ${reason}`}`;
const never = new AbortController().signal;

/** Operations that the test ends one by one. */
function manual(): {
  perform: (operation: Operation) => Promise<void>;
  begun: number[];
  end: (id: number, error?: Error) => Promise<void>;
} {
  const begun: number[] = [];
  const open = new Map<number, PromiseWithResolvers<void>>();
  return {
    begun,
    perform({ id }) {
      begun.push(id);
      const end = Promise.withResolvers<void>();
      open.set(id, end);
      return end.promise;
    },
    async end(id, error) {
      if (error) open.get(id)?.reject(error);
      else open.get(id)?.resolve();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

describe("execute", () => {
  it("runs branches beside each other, and each operation after all it waits for", async () => {
    const { perform, begun, end } = manual();
    const told: string[] = [];
    const all = execute(
      plan(operation(1), operation(2), operation(3, 1), operation(4, 2, 3)),
      perform,
      (result) => told.push(words(result)),
      never,
    );
    await end(0);
    expect(begun).toEqual([1, 2]);
    await end(2);
    expect(begun).toEqual([1, 2]);
    await end(1);
    expect(begun).toEqual([1, 2, 3]);
    await end(3);
    await end(4);
    expect((await all).map(words)).toEqual(["1 done", "2 done", "3 done", "4 done"]);
    expect(told).toEqual(["2 done", "1 done", "3 done", "4 done"]);
  });

  it("cancels what waits for a failure, to the end of the chain, and lets other branches end", async () => {
    const { perform, begun, end } = manual();
    const all = execute(
      plan(operation(1), operation(2, 1), operation(3, 2), operation(4), operation(5, 4)),
      perform,
      () => {},
      never,
    );
    await end(0);
    await end(1, new Error("no space left"));
    await end(4);
    await end(5);
    expect(begun).toEqual([1, 4, 5]);
    expect((await all).map(words)).toEqual([
      "1 failed: no space left",
      "2 cancelled: r1 failed",
      "3 cancelled: r2 cancelled",
      "4 done",
      "5 done",
    ]);
  });

  it("begins nothing more when it is interrupted, and waits for what was begun", async () => {
    const { perform, begun, end } = manual();
    const interrupt = new AbortController();
    const all = execute(plan(operation(1), operation(2, 1), operation(3)), perform, () => {}, interrupt.signal);
    await end(0);
    interrupt.abort();
    await end(1);
    await end(3);
    expect(begun).toEqual([1, 3]);
    expect((await all).map(words)).toEqual(["1 done", "2 cancelled: interrupted", "3 done"]);
  });
});
