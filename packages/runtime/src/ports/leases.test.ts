import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { tempFolder } from "../state/testing/temp-folder.ts";
import { openLeases, type Leases } from "./leases.ts";

function open(file: string, instance: string): Leases {
  const leases = openLeases(file, instance);
  onTestFinished(() => leases.close());
  return leases;
}

test("of two that found a port free, the second is told no when it takes it", () => {
  const file = join(tempFolder(), "ports.db");
  const [one, other] = [open(file, "i1"), open(file, "i2")];
  expect(one.take(20_001, "web/http", 80)).toBe(true);
  expect(other.take(20_001, "web/http", 80)).toBe(false);
  expect(one.take(20_001, "api/http", 0)).toBe(false);
  expect(one.take(20_001, "web/http", 80)).toBe(true);
  expect(other.last("web/http")).toBeUndefined();
  expect(one.last("web/http")).toMatchObject({ port: 20_001, wanted: 80 });
});

test("a key has one port: taking another gives the first one back", () => {
  const file = join(tempFolder(), "ports.db");
  const [one, other] = [open(file, "i1"), open(file, "i2")];
  one.take(20_001, "web/http", 80);
  one.take(20_002, "web/http", 80);
  expect(other.take(20_001, "x", 0)).toBe(true);
  expect(one.holderOf(20_001, "web/http")).toBe(`another stack (its x, agent pid ${process.pid})`);
  expect(one.holderOf(20_002, "web/http")).toBeUndefined();
});
