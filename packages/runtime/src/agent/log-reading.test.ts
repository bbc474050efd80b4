import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openLogReader } from "../logs/log-reader.ts";
import { mergeLogs } from "./log-lines.ts";
import { logReading } from "./log-reading.ts";
import type { LogQuery } from "./protocol.ts";

/** Reads the log of a pod `core`, which has this text by then: the lines of these members, or all. */
async function read(text: string, members: readonly string[], query: Partial<LogQuery>): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), "caisson-logs-"));
  const file = join(folder, "log");
  appendFileSync(file, text);
  const log = openLogReader(file);
  onTestFinished(() => {
    log.close();
    rmSync(folder, { recursive: true });
  });
  const sources = (members.length === 0 ? [undefined] : members).map((member) => ({
    resource: "core",
    replica: 0,
    file,
    ...(member !== undefined && { member }),
  }));
  const asked: LogQuery = { resources: [], follow: false, ...query };
  const lines = await Array.fromAsync(
    mergeLogs(
      sources,
      logReading(() => log),
      asked,
      new AbortController().signal,
    ),
  );
  return lines.map(({ line }) => line);
}

test("the last lines of a pod's member are found however much another wrote after them", async () => {
  const text = `users | one\nusers | two\nusers-two | other\n${"gateway | chatters\n".repeat(20_000)}`;
  expect(await read(text, ["users"], { tail: 1 })).toEqual(["users | two"]);
  expect(await read(text, ["users"], {})).toEqual(["users | one", "users | two"]);
  expect(await read(text, ["users", "gateway"], { tail: 1 })).toEqual(["users | two", "gateway | chatters"]);
  expect(await read(text, ["users"], { tail: 0 })).toEqual([]);
  expect(await read(text, [], { tail: 1 })).toEqual(["gateway | chatters"]);
});

test("a member's line that comes in pieces is whole, and ends where the next line begins", async () => {
  const long = "x".repeat(100_000);
  const text = `gateway | ${long}\nusers | ${long}\ngateway | short\n`;
  expect((await read(text, ["users"], {})).join("")).toBe(`users | ${long}`);
});
