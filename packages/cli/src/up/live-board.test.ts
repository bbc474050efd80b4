import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Output } from "../context.ts";
import { screen } from "../testing/screen.ts";
import { view } from "../testing/view.ts";
import { boardLines, liveBoard } from "./live-board.ts";

const begun = 1_000_000;
let now = begun;

beforeEach(() => {
  now = begun;
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function terminal(columns: number, rows = 24) {
  const shown = screen(columns);
  let size = { columns, rows };
  const out: Output = { write: shown.write, drained: async () => {}, isTTY: true, color: true, size: () => size };
  return {
    out,
    shown,
    resize(next: number) {
      size = { columns: next, rows };
      shown.resize(next);
    },
  };
}

function pass(ms: number): void {
  now += ms;
  vi.advanceTimersByTime(ms);
}

const waiting = { state: "Waiting", health: "Unknown", readyAt: null, startedAt: null, pids: [] } as const;

test("redraws one table in place, and notes scroll by above it", () => {
  const { out, shown } = terminal(72);
  const board = liveBoard(out, () => now, begun);
  board.event({ type: "resource", resource: view("db", { ...waiting, state: "Starting" }) });
  board.event({ type: "resource", resource: view("api", { ...waiting, waitingFor: ["db"] }) });
  pass(100);
  expect(shown.lines()).toEqual([
    "RESOURCE  STATE      HEALTH       TIME  WHY",
    "db        Starting   -            0.1s",
    "api       Waiting    -            0.1s  waits for db",
    "",
  ]);
  board.event({ type: "note", message: "port 5432 is taken, 5433 is used" });
  board.event({
    type: "resource",
    resource: view("db", { readyAt: begun + 300, addresses: { x: "tcp://1.2.3.4:5" } }),
  });
  pass(400);
  expect(shown.lines()).toEqual([
    "port 5432 is taken, 5433 is used",
    "RESOURCE  STATE      HEALTH       TIME  ADDRESS    WHY",
    "db        Running    Ready        0.3s  1.2.3.4:5",
    "api       Waiting    -            0.5s             waits for db",
    "",
  ]);
  board.event({ type: "gone", name: "api" });
  board.end();
  out.write("next\n");
  expect(shown.lines()).toEqual([
    "port 5432 is taken, 5433 is used",
    "RESOURCE  STATE      HEALTH       TIME  ADDRESS    WHY",
    "db        Running    Ready        0.3s  1.2.3.4:5",
    "next",
    "",
  ]);
});

test("is not left standing when everything is gone", () => {
  const { out, shown } = terminal(72);
  const board = liveBoard(out, () => now, begun);
  board.event({ type: "resource", resource: view("db", { state: "Stopping", health: "Unknown" }) });
  pass(100);
  board.event({ type: "gone", name: "db" });
  board.end();
  out.write("done\n");
  expect(shown.lines()).toEqual(["done", ""]);
});

test("keeps counting seconds while something is pending, and stops after", () => {
  const { out, shown } = terminal(60);
  const board = liveBoard(out, () => now, begun);
  board.event({ type: "resource", resource: view("db", { ...waiting, state: "Starting" }) });
  pass(2000);
  expect(shown.lines()[1]).toMatch(/ 2\.0s$/);
  board.event({ type: "resource", resource: view("db", { readyAt: begun + 2000 }) });
  pass(100);
  expect(vi.getTimerCount()).toBe(0);
  board.end();
});

test("leaves nothing behind when the terminal becomes narrower", () => {
  const { out, shown, resize } = terminal(100);
  const board = liveBoard(out, () => now, begun);
  out.write("$ caisson up\n");
  board.event({
    type: "resource",
    resource: view("a-service", { ...waiting, waitingFor: ["postgres-provision", "migrate"] }),
  });
  pass(100);
  resize(40);
  pass(100);
  expect(shown.lines()).toEqual(["$ caisson up", "RESOURCE   STATE        TIME", "a-service  Waiting      0.2s", ""]);
  board.end();
});

test("shows as many rows as there is room for, what is not ready first", () => {
  const views = Array.from({ length: 40 }, (_, index) =>
    view(`s${String(index).padStart(2, "0")}`, { readyAt: begun }),
  );
  views[38] = view("s38", { ...waiting, waitingFor: ["s01"] });
  views[39] = view("s39", { state: "CrashLoop", health: "Unknown", detail: "exit code 1" });
  const out = { color: false, size: () => ({ columns: 60, rows: 10 }) };
  expect(boardLines(views, out, begun + 1000, begun)).toEqual([
    "RESOURCE  STATE      HEALTH       TIME  WHY",
    "s00       Running    Ready        0.0s",
    "s01       Running    Ready        0.0s",
    "s02       Running    Ready        0.0s",
    "s03       Running    Ready        0.0s",
    "s04       Running    Ready        0.0s",
    "s38       Waiting    -            1.0s  waits for s01",
    "s39       CrashLoop  -            1.0s  exit code 1",
    "… and 33 more, 33 of them ready",
  ]);
});
