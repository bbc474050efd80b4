import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, chmodSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { psListProcesses, psReadProcess } from "./proc-ps.ts";
import { isSameProcess, listProcesses, parseStat, readChildren, readEnvironment, readProcess } from "./proc.ts";
import { startScratch, until } from "./testing/scratch.ts";
import type { Scratch } from "./testing/scratch.ts";

let scratch: Scratch;
beforeEach(() => {
  scratch = startScratch();
});
afterEach(async () => {
  expect(await scratch.end()).toEqual([]);
});

test("reads this process, its parent and its children", () => {
  const self = readProcess(process.pid);
  expect(self).toMatchObject({ pid: process.pid, parent: process.ppid });
  expect(self?.rssBytes).toBeGreaterThan(10 << 20);
  expect(self?.cpuSeconds).toBeGreaterThan(0);
  expect(listProcesses().some((info) => info.pid === process.pid && info.startTime === self?.startTime)).toBe(true);
  expect(isSameProcess(process.pid, self?.startTime ?? "")).toBe(true);
  expect(isSameProcess(process.pid, `${self?.startTime}0`)).toBe(false);
});

test("reads a program whose name has spaces and parentheses", async () => {
  const path = join(scratch.folder, "a (b) 1 S");
  copyFileSync("/bin/sleep", path);
  chmodSync(path, 0o755);
  const child = spawn(path, ["1000"], { env: { NAME: "value", OTHER: "a=b" } });
  try {
    const info = await until("the program to be itself", () => {
      const now = readProcess(child.pid ?? 0);
      return now?.command === "a (b) 1 S" && now;
    });
    expect(info).toMatchObject({ parent: process.pid, command: "a (b) 1 S" });
    expect(readEnvironment(info.pid, "OTHER")).toBe("a=b");
    expect(readEnvironment(info.pid, "AME")).toBeUndefined();
    expect(readChildren(process.pid)).toContain(info.pid);
  } finally {
    child.kill("SIGKILL");
    await once(child, "close");
  }
  expect(readProcess(child.pid ?? 0)).toBeUndefined();
  expect(isSameProcess(child.pid ?? 0, "")).toBe(false);
});

test("no command name confuses the parser", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 15 }), fc.nat(), fc.nat(), (command, parent, ticks) => {
      const rest = `S ${parent} 5 6 0 -1 0 0 0 0 0 250 50 0 0 20 0 1 0 ${ticks} 4096 10 0`;
      const info = parseStat(`42 (${command}) ${rest}\n`);
      expect(info).toMatchObject({ pid: 42, parent, session: 6, state: "S", startTicks: ticks, command });
    }),
  );
  expect(parseStat("42")).toBeUndefined();
  expect(parseStat("")).toBeUndefined();
});

test("`ps` tells the same where there is no /proc", async () => {
  const child = spawn("sleep", ["1000"]);
  try {
    await once(child, "spawn");
    const info = await until("sleep to be itself", () => {
      const now = psReadProcess(child.pid ?? 0);
      return now?.command === "sleep" && now;
    });
    expect(info).toMatchObject({ pid: child.pid, parent: process.pid });
    expect(info.startTicks * 1000).toBeGreaterThan(Date.parse("2001-01-01"));
    expect(psListProcesses()).toContainEqual(expect.objectContaining({ pid: child.pid, startTime: info.startTime }));
  } finally {
    child.kill("SIGKILL");
    await once(child, "close");
  }
  expect(psReadProcess(child.pid ?? 0)).toBeUndefined();
});
