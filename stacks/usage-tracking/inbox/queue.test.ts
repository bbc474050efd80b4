import { expect, test } from "vitest";
import { receivedInstant } from "./queue.ts";

test("when an item came in is read as PostgreSQL writes it", () => {
  for (const [receivedAt, iso] of [
    ["2026-11-20 12:00:00.123456+00", "2026-11-20T12:00:00.123Z"],
    ["2026-11-20 12:00:00+00", "2026-11-20T12:00:00.000Z"],
  ] as const)
    expect(new Date(receivedInstant({ receivedAt }) / 1000).toISOString()).toBe(iso);
});
