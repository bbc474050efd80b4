import { appendFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startScratch } from "../supervisor/testing/scratch.ts";
import type { Scratch } from "../supervisor/testing/scratch.ts";
import { createProber, probe } from "./probe.ts";

let scratch: Scratch;
beforeEach(() => {
  scratch = startScratch();
});
afterEach(async () => {
  expect(await scratch.end()).toEqual([]);
});

test("ready once a line matches, read on from where it was, over a rotation", async () => {
  const file = join(scratch.folder, "log");
  const prober = createProber({ kind: "logLine", file, pattern: "^ready on \\d+$" });
  expect(await prober()).toMatchObject({ ok: false, detail: `not found: ${file}` });
  writeFileSync(file, "starting\nnot ready on 1\nready on");
  expect(await prober()).toMatchObject({ ok: false, detail: "no line of the log matches /^ready on \\d+$/ yet" });
  truncateSync(file);
  writeFileSync(file, "x\n");
  expect((await prober()).ok).toBe(false);
  appendFileSync(file, "y".repeat(200_000).concat("\nready on"));
  expect((await prober()).ok).toBe(false);
  appendFileSync(file, " 8000\n");
  expect(await prober()).toMatchObject({ ok: true, detail: "the log says: ready on 8000" });
  truncateSync(file);
  expect((await prober()).ok).toBe(true);
  const another = createProber({ kind: "logLine", file, pattern: "up" });
  writeFileSync(file, "a long first line\n");
  expect((await another()).ok).toBe(false);
  writeFileSync(file, "up\n");
  expect((await another()).ok).toBe(true);
});

test("what an earlier run wrote does not count", async () => {
  const file = join(scratch.folder, "log");
  writeFileSync(file, "ready\n");
  expect((await probe({ kind: "logLine", file, pattern: "ready" })).ok).toBe(true);
  expect((await probe({ kind: "logLine", file, pattern: "ready", from: 6 })).ok).toBe(false);
});
