import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { freePort } from "../supervisor/testing/real-postgres.ts";
import { startScratch, until } from "../supervisor/testing/scratch.ts";
import type { Scratch } from "../supervisor/testing/scratch.ts";
import type { ProbeResult } from "./probe-spec.ts";
import { pauseBeforeReady, watchProbe } from "./watch-probe.ts";

let scratch: Scratch;
let stop: AbortController;
let changes: string[];
let attempts: { readonly at: number; readonly result: ProbeResult }[];
/** How many attempts there had been when the health last changed. */
let attemptsAtChange: number;
beforeEach(() => {
  scratch = startScratch();
  stop = new AbortController();
  changes = [];
  attempts = [];
  attemptsAtChange = 0;
});
afterEach(async () => {
  stop.abort();
  expect(await scratch.end()).toEqual([]);
});

const observe = {
  onChange(health: string): void {
    changes.push(health);
    attemptsAtChange = attempts.length;
  },
  onAttempt: (result: ProbeResult): unknown => attempts.push({ at: performance.now(), result }),
};

interface Program {
  readonly url: string;
  status(value: number): void;
  /** Keeps the next answer back; resolves when it was asked, with the function that gives the answer. */
  hold(): Promise<() => void>;
  close(): Promise<void>;
}

/** A program whose readiness the test decides. */
async function start(): Promise<Program> {
  let status = 503;
  let hold: ((release: () => void) => void) | undefined;
  const server = createServer((_, response) => {
    const answer = (): unknown => response.writeHead(status).end("as the test says");
    if (hold === undefined) answer();
    else hold(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, // a TCP server has one
    status: (value) => (status = value),
    hold: () => new Promise((resolve) => (hold = resolve)),
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}

test("at once and often until ready, then slowly; three failures make it unhealthy, one success ready again", async () => {
  const program = await start();
  const watch = watchProbe({ kind: "http", url: program.url }, { ...observe, signal: stop.signal, intervalMs: 40 });
  expect([watch.health(), watch.last()]).toEqual(["Unknown", undefined]);
  await until("a dozen attempts", () => attempts.length >= 12);
  expect(watch.last()).toMatchObject({ ok: false, detail: "answered 503: as the test says" });
  expect([watch.health(), changes]).toEqual(["Unknown", []]);
  program.status(200);
  await until("readiness", () => watch.health() === "Ready");
  expect(changes).toEqual(["Ready"]);
  const ready = attempts.length;
  const notReady = attempts.filter(({ result }) => !result.ok).length;
  await until("five more attempts", () => attempts.length >= ready + 5);
  // On the beat: an attempt that was late is followed by one in time, so not every gap but their sum tells the pace.
  const slow = attempts.slice(ready, ready + 5).map(({ at }) => at);
  expect((slow[4] ?? 0) - (slow[0] ?? 0)).toBeGreaterThanOrEqual(3 * 40);
  program.status(500);
  await until("bad health", () => watch.health() === "Unhealthy");
  const failed = attempts
    .slice(0, attemptsAtChange)
    .filter(({ result }) => !result.ok)
    .slice(notReady).length;
  expect([failed, changes]).toEqual([3, ["Ready", "Unhealthy"]]);
  program.status(200);
  await until("good health", () => watch.health() === "Ready");
  expect(changes).toEqual(["Ready", "Unhealthy", "Ready"]);
  await program.close();
});

test("at once and often until ready, whatever the interval is after that", async () => {
  const program = await start();
  const hour = 3_600_000;
  watchProbe({ kind: "http", url: program.url }, { ...observe, signal: stop.signal, intervalMs: hour });
  await until("a dozen attempts", () => attempts.length >= 12);
  await program.close();
});

test("a failure or two between successes change nothing", async () => {
  const program = await start();
  program.status(200);
  const watch = watchProbe({ kind: "http", url: program.url }, { ...observe, signal: stop.signal, intervalMs: 10 });
  await until("readiness", () => watch.health() === "Ready");
  for (let round = 0; round < 5; round += 1) {
    program.status(500);
    const before = attempts.length;
    await until("a failure", () => attempts.slice(before).some(({ result }) => !result.ok));
    program.status(200);
    await until("a success", () => attempts.at(-1)?.result.ok);
  }
  // a slow machine may have let a third failure pass
  const longest = attempts
    .map(({ result }) => (result.ok ? " " : "x"))
    .join("")
    .split(" ")
    .map((run) => run.length);
  expect(changes.includes("Unhealthy")).toBe(Math.max(...longest) >= 3);
  await program.close();
});

test("liveness begins as healthy, waits first, and tells only the threshold", async () => {
  const port = await freePort();
  const spec = { kind: "http", url: `http://127.0.0.1:${port}/` } as const;
  const begun = performance.now();
  const watch = watchProbe(spec, { ...observe, signal: stop.signal, intervalMs: 30, failureThreshold: 2, slow: true });
  expect(watch.health()).toBe("Ready");
  await until("bad health", () => watch.health() === "Unhealthy");
  expect((attempts[0]?.at ?? 0) - begun).toBeGreaterThanOrEqual(28);
  expect([attemptsAtChange, changes]).toEqual([2, ["Unhealthy"]]);
});

test("after its end no callback comes, not even of an attempt under way", async () => {
  const program = await start();
  const held = program.hold();
  watchProbe({ kind: "http", url: program.url }, { ...observe, signal: stop.signal });
  const release = await held;
  stop.abort();
  release();
  watchProbe({ kind: "http", url: program.url }, { ...observe, signal: stop.signal });
  watchProbe({ kind: "http", url: program.url }, { ...observe, signal: stop.signal, slow: true, intervalMs: 1 });
  await program.close();
  await new Promise((resolve) => setTimeout(resolve, 100)); // nothing to wait for: nothing shall happen
  expect([attempts, changes]).toEqual([[], []]);
});

test("the pauses: at most 50 ms for 5 s, never shorter as time goes on, at most 250 ms", () => {
  fc.assert(
    fc.property(fc.nat(100_000), fc.nat(1000), (waited, more) => {
      expect(pauseBeforeReady(waited)).toBeGreaterThanOrEqual(10);
      expect(pauseBeforeReady(waited)).toBeLessThanOrEqual(waited < 5000 ? 50 : 250);
      expect(pauseBeforeReady(waited + more)).toBeGreaterThanOrEqual(pauseBeforeReady(waited));
    }),
  );
  expect([0, 200, 4999, 5000, 10_000, 60_000].map(pauseBeforeReady)).toEqual([10, 20, 50, 50, 100, 250]);
});
