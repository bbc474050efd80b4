import { expect, test } from "vitest";
import { createClaimTurns } from "./claim-turns.ts";

test("the first shard at once, a further one after others had their chance, longer the more there are", () => {
  let clock = 0;
  const turns = createClaimTurns(() => clock);
  expect([turns.may(0), turns.may(1)]).toEqual([true, true]);
  turns.onRole(0, "owner");
  expect([turns.may(0), turns.may(1)]).toEqual([true, false]);
  clock = 1999;
  expect(turns.may(1)).toBe(false);
  clock = 2000;
  expect(turns.may(1)).toBe(true);
  turns.onRole(1, "standby"); // another process has it
  expect(turns.may(1)).toBe(false);
  clock = 4000;
  expect(turns.may(1)).toBe(true);
  turns.onRole(1, "owner");
  expect(turns.may(2)).toBe(false);
  clock = 7999;
  expect(turns.may(2)).toBe(false);
  clock = 8000;
  expect(turns.may(2)).toBe(true);
  turns.onRole(0, "none");
  turns.onRole(1, "none"); // the database is away: everything may be claimed again at once
  expect([turns.may(0), turns.may(1), turns.may(2)]).toEqual([true, true, true]);
});
