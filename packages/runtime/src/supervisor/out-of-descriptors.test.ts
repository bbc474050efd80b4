import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { fixture, startScratch } from "./testing/scratch.ts";
import type { Scratch } from "./testing/scratch.ts";

let scratch: Scratch;
beforeEach(() => {
  scratch = startScratch();
});
afterEach(async () => {
  expect(await scratch.end()).toEqual([]);
});

test("without a free descriptor a start fails clearly, no exit is lost, and the next start works", async () => {
  const specs = JSON.stringify([scratch.spec(["sleep", "1000"]), scratch.spec(["sh", "-c", "exit 5"])]);
  const argv = ["-c", 'ulimit -n 64; exec "$@"', "sh", process.execPath, fixture("out-of-descriptors.ts"), specs];
  const { stdout } = await promisify(execFile)("/bin/sh", argv);
  const seen: unknown = JSON.parse(stdout);
  expect(seen).toMatchObject({
    refused: "E_SPAWN_LIMIT",
    probes: [{ ok: false, detail: "no file descriptor left to probe with: /bin/true" }, { ok: false }],
    seen: { signal: "SIGTERM", lost: false },
    again: { code: 5, lost: false },
    state: "exited",
  });
});
