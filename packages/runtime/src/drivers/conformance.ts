import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ContainerRun, Driver, RunRecord, RunSpec } from "./driver.ts";

/** What a driver's test brings: a fresh driver on the same host, and the argv of programs that behave as named. */
export interface DriverUnderTest {
  readonly open: () => Driver;
  /** What every run of a driver of containers has. */
  readonly container?: ContainerRun;
  readonly argv: {
    readonly serve: readonly string[];
    readonly ignoreSignals: readonly string[];
    readonly exit: (code: number) => readonly string[];
    readonly missing: readonly string[];
  };
  /** Resolves when the run is far enough to take a signal as its program does. */
  readonly settled: (spec: RunSpec) => Promise<void>;
}

/** The promises of `Driver`, run against the real one and its in-memory twin. */
export function driverConformance(name: string, subject: DriverUnderTest): void {
  describe(`driver ${name}`, () => {
    const id = { resource: "web", replica: 0, generation: 1 };
    let folder: string;
    let driver: Driver;
    let records: RunRecord[];
    let count = 0;

    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "caisson-driver-"));
      driver = subject.open();
      records = [];
    });

    afterEach(async () => {
      for (const record of records) await driver.kill(record);
      await Promise.all(records.map((record) => driver.ended(record)));
      driver.close();
      rmSync(folder, { recursive: true, force: true });
    });

    const specOf = (argv: readonly string[], resource = "web"): RunSpec => {
      count += 1;
      return {
        argv,
        env: subject.container ? {} : { PATH: process.env["PATH"] ?? "" },
        cwd: subject.container ? "" : folder,
        runFolder: join(folder, `run-${count}`),
        logFile: join(folder, "log"),
        marker: `conformance-${process.pid}/${resource}/${count}`,
        limits: {},
        ...(subject.container && { container: subject.container }),
      };
    };
    const spawn = async (argv: readonly string[], resource?: string): Promise<RunRecord> => {
      const spec = specOf(argv, resource);
      const record = await driver.spawn(id, spec);
      records.push(record);
      await subject.settled(spec);
      return record;
    };

    it("says with which code a program ended", async () => {
      const spec = specOf(subject.argv.exit(3));
      const record = await driver.spawn(id, spec);
      expect(await driver.ended(record)).toMatchObject({ code: 3, signal: null, oom: false });
    });

    it("lets a program end itself on the stop signal", async () => {
      const record = await spawn(subject.argv.serve);
      await driver.signal(record, "SIGTERM");
      expect(await driver.ended(record)).toMatchObject({ code: 0, signal: null });
    });

    it("ends by another stop signal too", async () => {
      const record = await spawn(subject.argv.serve);
      await driver.signal(record, "SIGINT");
      expect(await driver.ended(record)).toMatchObject({ signal: "SIGINT" });
    });

    it("kills what ignores the stop signal", async () => {
      const record = await spawn(subject.argv.ignoreSignals);
      await driver.signal(record, "SIGTERM");
      expect(await driver.adopt(record)).toEqual({ found: "alive" });
      await driver.kill(record);
      expect(await driver.ended(record)).toMatchObject({ code: null, signal: "SIGKILL" });
    });

    it("takes signals for a run that is gone as done", async () => {
      const record = await spawn(subject.argv.serve);
      await driver.kill(record);
      await driver.ended(record);
      await driver.signal(record, "SIGTERM");
      await driver.kill(record);
    });

    it("refuses a program that is not there, with a code", async () => {
      await expect(driver.spawn(id, specOf(subject.argv.missing))).rejects.toMatchObject({
        code: "E_PROGRAM_NOT_FOUND",
      });
    });

    it("is found again by a later driver from its record as JSON", async () => {
      const record = await spawn(subject.argv.serve);
      driver.close();
      driver = subject.open();
      const stored = JSON.parse(JSON.stringify(record)) as RunRecord;
      expect(await driver.adopt(stored)).toEqual({ found: "alive" });
      await driver.signal(stored, "SIGTERM");
      expect(await driver.ended(stored)).toMatchObject({ code: 0 });
    });

    it("tells a later driver how a run ended meanwhile", async () => {
      const record = await driver.spawn(id, specOf(subject.argv.exit(7)));
      await driver.ended(record);
      driver.close();
      driver = subject.open();
      expect(await driver.adopt(record)).toMatchObject({ found: "ended", exit: { code: 7 } });
    });

    it("sweeps away what carries our mark and stands in no record, and nothing else", async () => {
      const known = await spawn(subject.argv.serve);
      const stray = await spawn(subject.argv.serve, "other");
      expect(await driver.sweep([known], `conformance-${process.pid}/`)).toBe(1);
      await driver.ended(stray);
      expect(await driver.adopt(known)).toEqual({ found: "alive" });
    });
  });
}
