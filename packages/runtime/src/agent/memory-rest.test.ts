import { expect, test } from "vitest";
import { until } from "../supervisor/testing/scratch.ts";
import { memoryRest } from "./memory-rest.ts";

test("memory is given back once, when nothing more is done", async () => {
  let collections = 0;
  const before = globalThis.gc;
  globalThis.gc = (() => collections++) as unknown as NonNullable<typeof globalThis.gc>;
  try {
    const rest = memoryRest(20);
    rest.soon();
    rest.soon();
    await until("the memory to be given back", () => collections > 0);
    expect(collections).toBe(1);
  } finally {
    globalThis.gc = before;
  }
});
