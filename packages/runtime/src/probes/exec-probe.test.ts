import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startScratch, until, untilFileHas } from "../supervisor/testing/scratch.ts";
import type { Scratch } from "../supervisor/testing/scratch.ts";
import { probe } from "./probe.ts";
import type { ProbeSpec } from "./probe-spec.ts";

let scratch: Scratch;
beforeEach(() => {
  scratch = startScratch();
});
afterEach(async () => {
  expect(await scratch.end()).toEqual([]);
});

const exec = (script: string, env: Record<string, string> = {}): ProbeSpec => ({
  kind: "exec",
  argv: ["/bin/sh", "-c", script],
  env: { PATH: "/usr/bin:/bin", ...env },
  cwd: scratch.folder,
});

test("the exit status decides, the last line explains", async () => {
  expect(await probe(exec("exit 0"))).toMatchObject({ ok: true, detail: "/bin/sh exited with 0" });
  expect(await probe(exec("echo one; echo $WORD >&2; exit 3", { WORD: "lag is 40 s" }))).toMatchObject({
    ok: false,
    detail: "/bin/sh exited with 3: lag is 40 s",
  });
  expect(await probe(exec("kill -9 $$"))).toMatchObject({ ok: false, detail: "/bin/sh was ended by SIGKILL" });
  expect(await probe({ kind: "exec", argv: ["/no/such/program"], env: {}, cwd: "/" })).toMatchObject({
    ok: false,
    detail: "not found: /no/such/program",
  });
  // a flood of output, and a child that keeps the pipes open
  expect(await probe(exec("head -c 5000000 /dev/zero; exit 0"), { timeoutMs: 30_000 })).toMatchObject({ ok: true });
});

test("a timeout ends the program and its children", async () => {
  const pids = join(scratch.folder, "pids");
  const script = `sleep 1000 & echo $! $$ > ${pids}; wait`;
  expect(await probe(exec(script), { timeoutMs: 1500 })).toMatchObject({
    ok: false,
    detail: "no answer within 1500 ms",
  });
  const [, one, two] = await untilFileHas(pids, /(\d+) (\d+)/);
  await until("both to be gone", () => ![one, two].some((pid) => isThere(Number(pid))));
});

test("many at once: at most 2 in flight, and waiting for a turn is no failure", async () => {
  const trace = join(scratch.folder, "trace");
  const script = `echo start $(date +%s%N) >> ${trace}; sleep 0.8; echo end $(date +%s%N) >> ${trace}`;
  // The last two wait for 2.4 s and run for 0.8 s: longer than an attempt may take.
  const results = await Promise.all(Array.from({ length: 8 }, () => probe(exec(script), { timeoutMs: 2900 })));
  expect(results.map((result) => result.detail)).toEqual(Array.from({ length: 8 }, () => "/bin/sh exited with 0"));
  const events = [...readFileSync(trace, "utf8").matchAll(/(start|end) (\d+)/g)];
  const sorted = events.map(([, what, at]) => ({ what, at: Number(at) / 1e6 })).toSorted((a, b) => a.at - b.at);
  let inFlight = 0;
  for (const { what } of sorted) {
    inFlight += what === "start" ? 1 : -1;
    expect(inFlight).toBeLessThanOrEqual(2);
  }
});

test("quick ones start 250 ms apart", async () => {
  const start = performance.now();
  await Promise.all(Array.from({ length: 5 }, () => probe(exec("exit 0"))));
  expect(performance.now() - start).toBeGreaterThan(4 * 245);
});

test("who gives up while waiting for a turn takes none", async () => {
  const giveUp = new AbortController();
  const busy = [probe(exec("sleep 0.2")), probe(exec("sleep 0.2"))];
  const waiting = probe(exec("echo ran > ran"), { signal: giveUp.signal });
  giveUp.abort(new Error("enough"));
  await expect(waiting).rejects.toThrow("enough");
  await Promise.all(busy);
  expect((await probe(exec("test ! -e ran"))).ok).toBe(true);
});

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false; // ESRCH
  }
}
