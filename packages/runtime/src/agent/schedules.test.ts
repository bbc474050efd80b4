import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { defineProgram, schedule, Type, type ScheduleOptions, type Unit } from "@caisson/core";
import { cronSlots } from "./cron-slots.ts";
import { freshStatus, type GenerationRecord, type StatusRecord } from "./records.ts";
import type { RecordStore } from "./record-store.ts";
import { schedules, type Schedules } from "./schedules.ts";

const start = Date.parse("2026-03-28T22:59:30Z");
const minute = 60_000;

describe("schedules", () => {
  let runs: string[];
  let live: boolean;
  let status: StatusRecord;
  let open: Schedules;
  beforeEach(() => {
    vi.useFakeTimers({ now: start });
    runs = [];
    live = false;
    status = { ...freshStatus, generation: 1 };
  });
  afterEach(() => {
    open.close();
    vi.useRealTimers();
  });

  const begin = async (options: Partial<ScheduleOptions<never>> & { cron: string }, jitter = 0): Promise<void> => {
    const program = defineProgram(import.meta, "report", { config: Type.Object({}) });
    const resource = schedule(program, { config: {}, ...options });
    // Only what schedules read of a record and a unit.
    const records = {
      names: () => ["report"],
      latest: () => ({ resource }) as GenerationRecord,
      status: () => status,
      setStatus: (_name: string, change: Partial<StatusRecord>) => void (status = { ...status, ...change }),
    } as unknown as RecordStore;
    open = schedules(
      {
        records,
        engine: { units: () => [{ resource: "report", state: live ? "Running" : "Completed" } as Unit] },
        run: () => void runs.push(new Date().toISOString()),
        now: Date.now,
        random: () => jitter,
        log: () => {},
      },
      () => Promise.resolve(cronSlots),
    );
    open.sync();
    await vi.advanceTimersByTimeAsync(0);
  };
  const endRun = async (): Promise<void> => {
    live = false;
    open.changed({ resource: "report", state: "Completed" } as Unit);
    await vi.advanceTimersByTimeAsync(1);
  };

  it("runs at its slots and at no other time", async () => {
    await begin({ cron: "*/5 * * * *" });
    await vi.advanceTimersByTimeAsync(11 * minute);
    expect(runs).toEqual(["2026-03-28T23:00:00.000Z", "2026-03-28T23:05:00.000Z", "2026-03-28T23:10:00.000Z"]);
  });

  it("follows its own time zone over the change to summer time", async () => {
    await begin({ cron: "30 3 * * *", timeZone: "Europe/Berlin" });
    await vi.advanceTimersByTimeAsync(30 * 60 * minute);
    expect(runs).toEqual(["2026-03-29T01:30:00.000Z", "2026-03-30T01:30:00.000Z"]);
  });

  it("never runs twice for a slot, however often it is looked at", async () => {
    await begin({ cron: "0 * * * *" });
    await vi.advanceTimersByTimeAsync(minute);
    open.sync();
    open.sync();
    await vi.advanceTimersByTimeAsync(minute);
    expect(runs).toHaveLength(1);
  });

  it("skips a slot that comes while a run goes on", async () => {
    await begin({ cron: "* * * * *" });
    live = true;
    await vi.advanceTimersByTimeAsync(3 * minute);
    await endRun();
    expect(runs).toEqual([]);
  });

  it("queues such slots where asked, one after the other", async () => {
    await begin({ cron: "* * * * *", overlap: "queue" });
    live = true;
    await vi.advanceTimersByTimeAsync(2 * minute);
    await endRun();
    expect(runs).toHaveLength(1);
    await endRun();
    expect(runs).toHaveLength(2);
  });

  it.each([
    ["none", 0],
    ["last", 1],
    ["all", 3],
  ] as const)("after a stop of three slots, missed: %s", async (missed, count) => {
    status = { ...status, schedule: { lastSlot: start - 200 * minute, queued: [] } };
    await begin({ cron: "0 * * * *", missed });
    for (let ends = 0; ends < 5; ends++) await endRun();
    expect(runs).toHaveLength(count);
  });

  it("spreads a run by its jitter", async () => {
    await begin({ cron: "0 * * * *", jitter: "20s" }, 0.5);
    await vi.advanceTimersByTimeAsync(2 * minute);
    expect(runs).toEqual(["2026-03-28T23:00:10.000Z"]);
  });

  it("does not run while it is stopped", async () => {
    status = { ...status, stopped: true };
    await begin({ cron: "* * * * *" });
    await vi.advanceTimersByTimeAsync(5 * minute);
    expect(runs).toEqual([]);
  });
});
