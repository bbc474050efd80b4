import { describe, expect, it } from "vitest";
import { formatPlan } from "../format-plan.ts";
import { reconcile } from "../reconcile.ts";
import { upAndWell, wanted } from "../testing/plan-cases.ts";

describe("a change", () => {
  it("has a cause", () => {
    const identity = (config: string, program: string, catalogue: number) => ({ config, program, catalogue });
    const desired = [
      wanted("config", { identity: identity("c2", "p1", 1) }),
      wanted("program", { identity: identity("c1", "p2", 1) }),
      wanted("catalogue", { identity: identity("c2", "p1", 2) }),
      wanted("both", { identity: identity("c2", "p2", 1), replicas: 2 }),
      wanted("scaled", { replicas: 3 }),
      wanted("stopped"),
      wanted("ended"),
      wanted("looping"),
      wanted("starting"),
      wanted("failed-job", { kind: "job" }),
      wanted("cut-job", { kind: "job" }),
      wanted("gained", { identity: identity("c2", "p1", 1), optionals: ["redis"] }),
      wanted("lost", { identity: identity("c2", "p1", 1) }),
      wanted("bound", { kind: "component", component: "redis", identity: identity("c1", "system 8.0", 1) }),
      wanted("kind", { kind: "job" }),
      wanted("catalogue-only", { identity: identity("c1", "p1", 2) }),
    ];
    const observed = upAndWell(
      desired.map((each) => ({ ...each, identity: identity("c1", "p1", 1), replicas: 1, optionals: [] })),
      {
        stopped: { stopped: true, state: "Exited", health: "Unknown" },
        ended: { state: "Exited", health: "Unknown" },
        looping: { state: "CrashLoop", health: "Unknown" },
        starting: { state: "Running", health: "Unknown" },
        "failed-job": { state: "Failed", succeeded: false },
        "cut-job": { state: "Exited", succeeded: null },
        lost: { optionals: ["redis"] },
        bound: { identity: identity("c1", "system 7.2", 1) },
        kind: { kind: "service", state: "Running", succeeded: null },
      },
    );
    expect(`\n${formatPlan(reconcile(desired, observed))}\n`).toMatchInlineSnapshot(`
      "
       1  deliver files of config #2      config changed
       2  set config to #2                config changed; after 1
       3  await config healthy            config changed; after 2
       4  deliver files of program #2     program changed
       5  set program to #2               program changed; after 4
       6  await program healthy           program changed; after 5
       7  deliver files of catalogue #2   default of the catalogue changed (1 -> 2)
       8  set catalogue to #2             default of the catalogue changed (1 -> 2); after 7
       9  await catalogue healthy         default of the catalogue changed (1 -> 2); after 8
      10  deliver files of both #2        config changed, program changed, scaled 1 -> 2
      11  set both to #2 x 2              config changed, program changed, scaled 1 -> 2; after 10
      12  await both healthy              config changed, program changed, scaled 1 -> 2; after 11
      13  set scaled to #1 x 3            scaled 1 -> 3
      14  await scaled healthy            scaled 1 -> 3; after 13
      15  set stopped to #1               stopped by hand
      16  await stopped healthy           stopped by hand; after 15
      17  set ended to #1                 not running
      18  await ended healthy             not running; after 17
      19  set looping to #1               in a crash loop
      20  await looping healthy           in a crash loop; after 19
      21  await starting healthy          not ready yet
      22  deliver files of failed-job #2  last run failed
      23  set failed-job to #2            last run failed; after 22
      24  await failed-job completed      last run failed; after 23
      25  deliver files of cut-job #2     has not run to its end
      26  set cut-job to #2               has not run to its end; after 25
      27  await cut-job completed         has not run to its end; after 26
      28  deliver files of gained #2      redis is available now
      29  set gained to #2                redis is available now; after 28
      30  await gained healthy            redis is available now; after 29
      31  deliver files of lost #2        redis is not available any more
      32  set lost to #2                  redis is not available any more; after 31
      33  await lost healthy              redis is not available any more; after 32
      34  deliver files of bound #2       provider changed (system 7.2 -> system 8.0)
      35  set bound to #2                 provider changed (system 7.2 -> system 8.0); after 34
      36  await bound healthy             provider changed (system 7.2 -> system 8.0); after 35
      37  deliver files of kind #2        kind changed (service -> job)
      38  set kind to #2                  kind changed (service -> job); after 37
      39  await kind completed            kind changed (service -> job); after 38
      unchanged: catalogue-only
      "
    `);
  });
});
