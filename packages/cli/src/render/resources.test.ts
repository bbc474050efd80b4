import { describe, expect, test } from "vitest";
import { starting, view } from "../testing/view.ts";
import { progressTable, resourceTable } from "./resources.ts";
import { stripVTControlCharacters } from "node:util";
import { width } from "./width.ts";

const now = 1_003_210;
const begun = 1_000_000;

describe("the table of ps", () => {
  test("as wide as it gets", () => {
    expect(`\n${resourceTable(starting, now, { color: false }).join("\n")}\n`).toMatchInlineSnapshot(`
      "
      NAME             KIND      STATE      HEALTH     REPLICAS  SINCE  RESTARTS  ADDRESS                DETAIL
      postgres         postgres  Running    Ready                 3.2s            127.0.0.1:5432
      migrate          job       Starting   -                     3.2s                                   started 0.2 s ago
      api-gateway      service   Waiting    -               0/2   3.2s            http://127.0.0.1:8000  waits for migrate, postgres-provision
      event-processor  service   CrashLoop  Unhealthy             3.2s         5                         exit code 1: Error: cannot find the queue (ECONNREFUSED); tried again in 8 s
      "
    `);
  });

  test("in 80 columns", () => {
    expect(`\n${resourceTable(starting, now, { color: false, columns: 80 }).join("\n")}\n`).toMatchInlineSnapshot(`
      "
      NAME             STATE      HEALTH     ADDRESS                DETAIL
      postgres         Running    Ready      127.0.0.1:5432
      migrate          Starting   -                                 started 0.2 s ago
      api-gateway      Waiting    -          http://127.0.0.1:8000  waits for migrate…
      event-processor  CrashLoop  Unhealthy                         exit code 1: Erro…
      "
    `);
  });
});

describe("the live table of up", () => {
  test("in 100 columns", () => {
    expect(`\n${progressTable(starting, now, begun, { color: false, columns: 100 }).join("\n")}\n`)
      .toMatchInlineSnapshot(`
        "
        RESOURCE         STATE      HEALTH       TIME  ADDRESS                WHY
        postgres         Running    Ready        1.8s  127.0.0.1:5432
        migrate          Starting   -            3.2s                         started 0.2 s ago
        api-gateway      Waiting    -            3.2s  http://127.0.0.1:8000  waits for migrate, postgres-p…
        event-processor  CrashLoop  Unhealthy    3.2s                         exit code 1: Error: cannot fi…
        "
      `);
  });

  test("in 60 columns", () => {
    expect(`\n${progressTable(starting, now, begun, { color: false, columns: 60 }).join("\n")}\n`)
      .toMatchInlineSnapshot(`
        "
        RESOURCE      STATE      HEALTH       TIME  WHY
        postgres      Running    Ready        1.8s
        migrate       Starting   -            3.2s  started 0.2 s a…
        api-gateway   Waiting    -            3.2s  waits for migra…
        event-proce…  CrashLoop  Unhealthy    3.2s  exit code 1: Er…
        "
      `);
  });

  test("in 30 columns", () => {
    expect(`\n${progressTable(starting, now, begun, { color: false, columns: 30 }).join("\n")}\n`)
      .toMatchInlineSnapshot(`
        "
        RESOURCE         STATE
        postgres         Running
        migrate          Starting
        api-gateway      Waiting
        event-processor  CrashLoop
        "
      `);
  });

  test("in colours", () => {
    expect(progressTable(starting.slice(0, 2), now, begun, { color: true, columns: 100 })).toMatchInlineSnapshot(`
      [
        "[2mRESOURCE[22m  [2mSTATE[22m      [2mHEALTH[22m       [2mTIME[22m  [2mADDRESS[22m         [2mWHY[22m",
        "postgres  [32mRunning[39m    [32mReady[39m        1.8s  127.0.0.1:5432",
        "migrate   [33mStarting[39m   [2m-[22m            3.2s                  [2mstarted 0.2 s ago[22m",
      ]
    `);
  });

  test("fits every width, with colours or without", () => {
    const odd = [...starting, view("ein-name-der-länger-ist-als-jede-spalte-sein-sollte-数据库")];
    for (let columns = 1; columns <= 130; columns++) {
      for (const color of [true, false]) {
        const lines = progressTable(odd, now, begun, { color, columns });
        for (const line of lines) expect(width(line)).toBeLessThanOrEqual(columns);
        expect(lines).toHaveLength(odd.length + 1);
      }
    }
  });

  test("says nothing of the time of what was ready before", () => {
    const [, line = ""] = progressTable([view("old")], now, begun + 1_000_000, { color: false });
    expect(stripVTControlCharacters(line)).toBe("old       Running    Ready");
  });
});
