import { expect, test } from "vitest";
import { bytes, seconds, span } from "./time.ts";

test.each([
  [-5, "0ms"],
  [0, "0ms"],
  [340, "340ms"],
  [1000, "1.0s"],
  [9949, "9.9s"],
  [9950, "10s"],
  [59_400, "59s"],
  [59_600, "1m"],
  [185_000, "3m 5s"],
  [7_800_000, "2h 10m"],
  [86_400_000, "1d"],
  [97_200_000, "1d 3h"],
])("%i ms is %s", (ms, text) => expect(span(ms)).toBe(text));

test.each([
  [0, "0 B"],
  [512, "512 B"],
  [1536, "1.5 KB"],
  [38_797_312, "37 MB"],
  [5 * 1024 ** 4, "5.0 TB"],
])("%i bytes are %s", (size, text) => expect(bytes(size)).toBe(text));

test("seconds have one decimal", () => expect([seconds(1234), seconds(-1)]).toEqual(["1.2s", "0.0s"]));
