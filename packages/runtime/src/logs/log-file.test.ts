import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startLeakCheck } from "../supervisor/testing/leaks.ts";
import type { LeakCheck } from "../supervisor/testing/leaks.ts";
import { until } from "../supervisor/testing/scratch.ts";
import { openLogFile } from "./log-file.ts";
import type { LogFile, LogFileOptions } from "./log-file.ts";
import { openLogReader } from "./log-reader.ts";
import type { LogSource } from "./log-source.ts";
import { readLines } from "./read-lines.ts";
import type { LogEntry } from "./read-lines.ts";
import { sinceRange, tailRange } from "./tail.ts";
import type { LogRange } from "./tail.ts";

let leaks: LeakCheck;
let folder: string;
let path: string;
let open: { close(): void }[];
beforeEach(() => {
  leaks = startLeakCheck("none/");
  folder = mkdtempSync(join(tmpdir(), "caisson-test-"));
  path = join(folder, "log");
  open = [];
});
afterEach(async () => {
  for (const log of open) log.close();
  expect(await leaks.findLeaks()).toEqual([]);
  rmSync(folder, { recursive: true });
});

function keep(options: LogFileOptions = {}): LogFile {
  const log = openLogFile(path, { tickMs: 5, markMs: 0, ...options });
  open.push(log);
  return log;
}

async function read(source: LogSource, range: LogRange): Promise<LogEntry[]> {
  return Array.fromAsync(readLines(source, range));
}

const show = (entry: LogEntry): string =>
  entry.kind === "gap" ? `<${entry.bytes} gone>` : entry.text + (entry.partial ? "…" : "");
const texts = async (source: LogSource, range: LogRange): Promise<string[]> => (await read(source, range)).map(show);
/** The size of the live file falls when it is rotated. */
const rotated = (): Promise<unknown> => until("a rotation", () => existsSync(`${path}.1`) && statSync(path).size === 0);

test("the last lines, with and without a line end, before and after a rotation", async () => {
  const log = keep({ quotaBytes: 30 });
  expect(await texts(log, tailRange(log, 5))).toEqual([]);
  appendFileSync(path, "1\n2\n\n4\nunended");
  expect(await texts(log, tailRange(log, 1))).toEqual(["unended…"]);
  expect(await texts(log, tailRange(log, 3))).toEqual(["", "4", "unended…"]);
  expect(await texts(log, tailRange(log, 99))).toEqual(["1", "2", "", "4", "unended…"]);
  expect(await texts(log, tailRange(log, 0))).toEqual([]);
  appendFileSync(path, " until now, when it is full\n");
  await rotated();
  appendFileSync(path, "new 1\nnew 2\n");
  expect(await texts(log, tailRange(log, 4))).toEqual(["4", "unended until now, when it is full", "new 1", "new 2"]);
  expect(await texts(log, tailRange(log, 1))).toEqual(["new 2"]);
  const reader = openLogReader(path);
  open.push(reader);
  expect(await texts(reader, tailRange(reader, 4))).toEqual(await texts(log, tailRange(log, 4)));
});

test("the end of a large log is found without reading the log", async () => {
  writeFileSync(path, "x".repeat(99).concat("\n").repeat(200_000));
  appendFileSync(path, "last\n");
  const log = keep({ quotaBytes: 1e9 });
  let bytes = 0;
  const counting: LogSource = {
    ...log,
    read: (position, length) => {
      const chunk = log.read(position, length);
      bytes += chunk.data.length;
      return chunk;
    },
  };
  expect(await texts(counting, tailRange(counting, 2))).toEqual(["x".repeat(99), "last"]);
  expect(bytes).toBeLessThan(100_000);
});

test("a follower gets every line once and in order, across many rotations", async () => {
  const log = keep({ quotaBytes: 2000 });
  const stop = new AbortController();
  const seen: string[] = [];
  const following = (async () => {
    for await (const entry of readLines(log, { from: 0, pollMs: 1, signal: stop.signal })) seen.push(show(entry));
  })();
  const expected: string[] = [];
  for (let round = 0; round < 10; round += 1) {
    for (let line = 0; line < 40; line += 1) {
      const text = `round ${round}, line ${line}, ${"y".repeat(40)}`;
      expected.push(text);
      appendFileSync(path, `${text}\n`);
    }
    await until("the follower to be up to date", () => seen.length === expected.length);
    await rotated();
  }
  stop.abort();
  await following;
  expect(seen).toEqual(expected);
  expect(statSync(`${path}.1`).size).toBeLessThanOrEqual(2 * 2000);
});

test("at no moment of a rotation does the end go back, or a line change its place", async () => {
  const log = keep({ quotaBytes: 100 });
  for (let round = 0; round < 10; round += 1) {
    const start = log.end();
    appendFileSync(path, "w".repeat(119).concat("\n"));
    // at every turn of the event loop, until it is rotated
    while (statSync(path).size > 0 || log.read(start, 1).data.length === 0) {
      expect(log.end()).toBe(start + 120);
      expect(log.read(start, 200)).toEqual({ position: start, data: Buffer.from("w".repeat(119).concat("\n")) });
      await new Promise(setImmediate);
    }
    expect(log.end()).toBe(start + 120);
  }
});

test("a reader that falls behind is told what it missed, and goes on", async () => {
  const log = keep({ quotaBytes: 1000 });
  const reader = readLines(log, { from: 0, to: 1e9, pollMs: 1 });
  appendFileSync(path, "first\n");
  expect(await reader.next()).toMatchObject({ value: { kind: "line", text: "first", position: 0 } });
  for (let round = 0; round < 3; round += 1) {
    appendFileSync(path, `${"z".repeat(1199)}\n`);
    await rotated();
  }
  appendFileSync(path, "newest\n");
  expect(await reader.next()).toMatchObject({ value: { kind: "gap", position: 6, bytes: 2400 } });
  expect(await reader.next()).toMatchObject({ value: { kind: "line", text: "z".repeat(1199) } });
  expect(await reader.next()).toMatchObject({ value: { kind: "line", text: "newest", position: 6 + 3600 } });
  await reader.return();
});

test("a line without its end is given out when it settles; its end follows", async () => {
  const log = keep();
  const reader = readLines(log, { from: 0, pollMs: 1, settleMs: 20 });
  appendFileSync(path, "Password: ");
  expect(await reader.next()).toMatchObject({ value: { text: "Password: ", partial: true } });
  appendFileSync(path, "ok\n");
  expect(await reader.next()).toMatchObject({ value: { text: "ok", partial: false, position: 10 } });
  await reader.return();
});

test("a 10 MB line and random bytes come in pieces, bounded and complete", async () => {
  const log = keep({ quotaBytes: 1e9 });
  const long = `${"0123456789".repeat(1_000_000)}\n`;
  const random = Buffer.from(Array.from({ length: 1 << 18 }, (_, at) => (at * 7919 + (at >> 3) * 31) % 256));
  appendFileSync(path, long);
  appendFileSync(path, random);
  const entries = await read(log, { from: 0, to: log.end() });
  const lines = entries.flatMap((entry) => (entry.kind === "line" ? [entry] : []));
  expect(Math.max(...lines.map((line) => line.text.length))).toBeLessThanOrEqual(64 << 10);
  const first = lines.slice(0, lines.findIndex((line) => !line.partial) + 1);
  expect(first.map((line) => line.text).join("")).toBe(long.trimEnd());
  expect(lines.at(-1)?.position).toBeLessThan(long.length + random.length);
  // of a line that long the tail gives the end
  const tail = tailRange(log, 1, 1 << 20);
  expect(tail.to - tail.from).toBeLessThanOrEqual(1 << 20);
});

test("`since` finds lines by time, over a restart of the keeper", async () => {
  let clock = 1_000_000;
  const now = (): number => clock;
  const marked = (log: LogSource, count: number): Promise<unknown> =>
    until("the mark", () => log.marks().length === count);
  const first = keep({ now });
  for (const text of ["one", "two"]) {
    appendFileSync(path, `${text}\n`);
    await marked(first, text === "one" ? 1 : 2);
    clock += 10_000;
  }
  first.close();
  appendFileSync(path, "while nobody looked\n");
  const second = keep({ now });
  await marked(second, 3);
  clock += 10_000;
  appendFileSync(path, "four\n");
  await marked(second, 4);
  expect(await texts(second, sinceRange(second, 1_010_000))).toEqual(["two", "while nobody looked", "four"]);
  expect(await texts(second, sinceRange(second, 1_010_001))).toEqual(["while nobody looked", "four"]);
  expect(await texts(second, sinceRange(second, 2_000_000))).toEqual([]);
  const times = (await read(second, { from: 0, to: second.end() })).map((entry) => entry.kind === "line" && entry.time);
  expect(times).toEqual([1_000_000, 1_010_000, 1_020_000, 1_030_000]);
});

test("the file is emptied, deleted, replaced: positions go on, nothing throws", async () => {
  const log = keep();
  appendFileSync(path, "before\n");
  expect(log.end()).toBe(7);
  truncateSync(path);
  expect(log.end()).toBe(7);
  appendFileSync(path, "emptied\n");
  expect(await texts(log, { from: 0, to: log.end() })).toEqual(["<7 gone>", "emptied"]);
  renameSync(path, join(folder, "elsewhere"));
  appendFileSync(join(folder, "elsewhere"), "still the same file\n");
  expect(await texts(log, { from: 7, to: log.end() })).toEqual(["emptied", "still the same file"]);
  const end = log.end();
  appendFileSync(path, "the next run made it anew\n");
  await until("the new file to be noticed", () => log.end() > end);
  expect(await texts(log, { from: end, to: log.end() })).toEqual(["the next run made it anew"]);
  rmSync(path);
  expect(log.end()).toBe(end + 26);
  writeFileSync(path, "and once more\n");
  expect(log.end()).toBe(end + 26 + 14);
  log.close();
  expect(await texts(log, { from: 0, to: 1e9 })).toEqual([]);
});

test("the keeper comes back to a file that was emptied meanwhile", () => {
  const first = keep();
  appendFileSync(path, "x".repeat(100));
  first.close();
  truncateSync(path);
  appendFileSync(path, "new\n");
  const second = keep();
  expect(second.end()).toBe(104);
  expect(second.read(100, 10).data.toString()).toBe("new\n");
  expect(readFileSync(path, "utf8")).toBe("new\n");
});
