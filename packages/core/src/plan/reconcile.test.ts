import { describe, expect, it } from "vitest";
import { formatPlan } from "./format-plan.ts";
import type { DesiredResource, Observed } from "./plan-types.ts";
import { reconcile } from "./reconcile.ts";
import { completed, edited, healthy, nothing, slice, store, upAndWell, wanted } from "./testing/plan-cases.ts";

const plan = (desired: readonly DesiredResource[], observed: Observed): string =>
  `\n${formatPlan(reconcile(desired, observed))}\n`;
const changed = { config: "c2", program: "p1", catalogue: 1 };

describe("a plan", () => {
  it("brings up a new stack in the order of its needs", () => {
    expect(plan(slice(), nothing)).toMatchInlineSnapshot(`
      "
       1  create volume postgres/data             new
       2  deliver files of postgres #1            new; after 1
       3  set postgres to #1                      new; after 2
       4  await postgres healthy                  new; after 3
       5  deliver files of postgres-provision #1  new
       6  set postgres-provision to #1            new; after 3, 5
       7  await postgres-provision completed      new; after 4, 6
       8  deliver files of redis #1               new
       9  set redis to #1                         new; after 8
      10  await redis healthy                     new; after 9
      11  deliver files of migrate #1             new
      12  set migrate to #1                       new; after 3, 6, 11
      13  await migrate completed                 new; after 4, 7, 12
      14  deliver files of gateway #1             new
      15  set gateway to #1                       new; after 3, 12, 14
      16  await gateway healthy                   new; after 4, 13, 15
      17  deliver files of query #1               new
      18  set query to #1 x 2                     new; after 3, 12, 17
      19  await query healthy                     new; after 4, 13, 18
      20  deliver files of edge #1                new
      21  set edge to #1                          new; after 20
      22  await edge healthy                      new; after 21
      "
    `);
  });

  it("has nothing to do when all is as it should be", () => {
    expect(plan(slice(), upAndWell(slice()))).toMatchInlineSnapshot(`
      "
      nothing to do
      unchanged: postgres, postgres-provision, redis, migrate, gateway, query, edge
      "
    `);
  });

  it("touches a running service only after what it needs has arrived", () => {
    const desired = edited(edited(slice(), "migrate", { identity: changed }), "gateway", { identity: changed });
    expect(plan(desired, upAndWell(slice()))).toMatchInlineSnapshot(`
      "
      1  deliver files of migrate #2  config changed
      2  set migrate to #2            config changed; after 1
      3  await migrate completed      config changed; after 2
      4  deliver files of gateway #2  config changed
      5  set gateway to #2            config changed; after 3, 4
      6  await gateway healthy        config changed; after 5
      unchanged: postgres, postgres-provision, redis, query, edge
      "
    `);
  });

  it("names each cause", () => {
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
    expect(plan(desired, observed)).toMatchInlineSnapshot(`
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

  it("runs a job again when the data of a store it needs is new, and not because the store restarted", () => {
    const observed = upAndWell(slice());
    const restarted = upAndWell(slice(), { postgres: { generation: 7 } });
    expect(plan(slice(), restarted)).toBe(plan(slice(), observed));
    const volumes = observed.volumes.map((volume) => ({ ...volume, id: "another" }));
    expect(plan(slice(), { ...observed, volumes })).toMatchInlineSnapshot(`
      "
      1  deliver files of postgres-provision #2  data of postgres is new
      2  set postgres-provision to #2            data of postgres is new; after 1
      3  await postgres-provision completed      data of postgres is new; after 2
      4  deliver files of migrate #2             data of postgres is new
      5  set migrate to #2                       data of postgres is new; after 2, 4
      6  await migrate completed                 data of postgres is new; after 3, 5
      unchanged: postgres, redis, gateway, query, edge
      "
    `);
  });

  it("makes lost data anew only with a yes, and runs the jobs on it again", () => {
    expect(plan(slice(), { ...upAndWell(slice()), volumes: [] })).toMatchInlineSnapshot(`
      "
       1  create volume postgres/data             its data (data) is not there
       2  deliver files of postgres #2            its data (data) is not there; after 1
       3  set postgres to #2                      its data (data) is not there; after 2
       4  await postgres healthy                  its data (data) is not there; after 3
       5  deliver files of postgres-provision #2  data of postgres is new
       6  set postgres-provision to #2            data of postgres is new; after 3, 5
       7  await postgres-provision completed      data of postgres is new; after 4, 6
       8  deliver files of migrate #2             data of postgres is new
       9  set migrate to #2                       data of postgres is new; after 3, 6, 8
      10  await migrate completed                 data of postgres is new; after 4, 7, 9
      confirm postgres: its data (data) is not where it was; an empty one is made in its place
      unchanged: redis, gateway, query, edge
      "
    `);
  });

  it("removes what left after those that used it were replaced", () => {
    const rest = slice().filter(({ name }) => name !== "redis");
    const desired = edited(rest, "gateway", { identity: changed, optionals: [] });
    expect(plan(desired, upAndWell(slice()))).toMatchInlineSnapshot(`
      "
      1  deliver files of gateway #2  redis is not available any more
      2  set gateway to #2            redis is not available any more; after 1
      3  await gateway healthy        redis is not available any more; after 2
      4  remove redis                 removed from the stack; after 3
      unchanged: postgres, postgres-provision, migrate, query, edge
      "
    `);
  });

  it("removes a whole chain from its end, and asks about the data it leaves", () => {
    expect(plan([wanted("edge", { kind: "component", component: "nginx" })], upAndWell(slice())))
      .toMatchInlineSnapshot(`
      "
      1  remove query               removed from the stack
      2  remove gateway             removed from the stack
      3  remove migrate             removed from the stack; after 1, 2
      4  remove redis               removed from the stack; after 2
      5  remove postgres-provision  removed from the stack; after 3
      6  remove postgres            removed from the stack; after 1, 2, 3, 5
      confirm postgres: its data (data) stays on disk, but nothing uses it any more
      unchanged: edge
      "
    `);
  });

  it("moves data along with a rename", () => {
    const desired = [store("main-db", { renamedFrom: "postgres" }), wanted("web", { needs: [healthy("main-db")] })];
    const before = [store("postgres"), wanted("web", { needs: [healthy("postgres")] })];
    const renamed = edited(desired, "web", { identity: changed });
    expect(plan(renamed, upAndWell(before))).toMatchInlineSnapshot(`
      "
      1  remove postgres                   renamed to main-db
      2  move data of postgres to main-db  renamed from postgres; after 1
      3  deliver files of main-db #1       renamed from postgres; after 2
      4  set main-db to #1                 renamed from postgres; after 3
      5  await main-db healthy             renamed from postgres; after 4
      6  deliver files of web #2           config changed
      7  set web to #2                     config changed; after 5, 6
      8  await web healthy                 config changed; after 7
      "
    `);
    expect(plan(renamed, upAndWell(renamed))).toMatchInlineSnapshot(`
      "
      nothing to do
      unchanged: main-db, web
      "
    `);
  });

  it("waits for what is on its way and lets schedules, commands and external parts be", () => {
    const desired = [
      wanted("nightly", { kind: "schedule" }),
      wanted("report", { kind: "command", start: false }),
      wanted("warehouse", { kind: "external" }),
      wanted("migrate", { kind: "job" }),
    ];
    expect(plan(desired, nothing)).toMatchInlineSnapshot(`
      "
      1  deliver files of nightly #1  new
      2  set nightly to #1 x 0        new; after 1
      3  set warehouse to #1          new
      4  deliver files of migrate #1  new
      5  set migrate to #1            new; after 4
      6  await migrate completed      new; after 5
      "
    `);
    const running = { migrate: { state: "Running", succeeded: null } } as const;
    expect(plan(desired, upAndWell(desired, running))).toMatchInlineSnapshot(`
      "
      1  await migrate completed  not finished yet
      unchanged: nightly, warehouse
      "
    `);
  });

  it("asks before defaults of the catalogue change under data", () => {
    const desired = [store("postgres", { identity: { config: "c2", program: "npm 18.1", catalogue: 2 } })];
    expect(plan(desired, upAndWell([store("postgres")]))).toMatchInlineSnapshot(`
      "
      1  deliver files of postgres #2  default of the catalogue changed (1 -> 2)
      2  set postgres to #2            default of the catalogue changed (1 -> 2); after 1
      3  await postgres healthy        default of the catalogue changed (1 -> 2); after 2
      confirm postgres: it holds data and is restarted with changed defaults of the catalogue (1 -> 2)
      "
    `);
  });
});

describe("a plan is refused", () => {
  const refusal = (desired: readonly DesiredResource[], observed: Observed): string => {
    try {
      reconcile(desired, observed);
    } catch (error) {
      return error instanceof Error ? `\n${error.message}\n` : String(error);
    }
    return "not refused";
  };

  it("for data of another instance, component or major, all at once", () => {
    const desired = [
      store("foreign"),
      store("old"),
      wanted("cache", { kind: "component", component: "redis", volumes: [{ name: "data", dataMajor: 7 }] }),
    ];
    const observed = upAndWell(desired);
    const volumes = observed.volumes.map((volume) => ({
      ...volume,
      ...(volume.resource === "foreign" && { instance: "i2" }),
      ...(volume.resource === "old" && { dataMajor: 15 }),
      ...(volume.resource === "cache" && { component: "postgres" }),
    }));
    expect(refusal(desired, { ...observed, volumes })).toMatchInlineSnapshot(`
      "
      the plan has 3 problems:
        foreign/volumes/data: belongs to another instance (i2; this one is i1); \`caisson up --adopt\` takes it over [E_DATA_FOREIGN]
        old/volumes/data: was written by postgres 15, and 18 cannot read it; keep version 15, or export the data while 15 runs, remove it with \`caisson down -v old\`, change the version, and import it [E_DATA_MAJOR]
        cache/volumes/data: holds data of postgres, and cache is redis; give cache another name, or move the data away [E_DATA_COMPONENT]
      "
    `);
  });

  it("for a store that goes while one of its kind comes", () => {
    expect(refusal([store("db")], upAndWell([store("postgres")]))).toMatchInlineSnapshot(`
      "
      the plan has 1 problem:
        postgres: postgres (postgres) goes and db comes: is it the same data? Say renamedFrom: "postgres" in db; if not, take postgres out and run \`caisson up\` before you add db [E_DATA_RENAMED]
      "
    `);
    const both = [store("postgres"), store("db", { renamedFrom: "postgres" })];
    expect(refusal(both, upAndWell([store("postgres")]))).toMatchInlineSnapshot(`
      "
      the plan has 1 problem:
        db/renamedFrom: expected the name of a resource that is gone, got postgres, which is still in the stack [E_DATA_RENAMED]
      "
    `);
  });

  it("not for a store that went in an earlier plan", () => {
    const { volumes, instance } = upAndWell([store("postgres")]);
    expect(refusal([store("db")], { instance, volumes, resources: [] })).toBe("not refused");
  });
});

describe("10,000 resources", () => {
  it("are planned in about ten times the time of 1,000", () => {
    const chain = (count: number): DesiredResource[] =>
      Array.from({ length: count }, (_, index) =>
        wanted(`r${index}`, { needs: index < 3 ? [] : [healthy(`r${index - 1}`), completed(`r${index - 3}`)] }),
      );
    const time = (count: number): number => {
      const desired = chain(count);
      const stale = upAndWell(desired.map((each) => ({ ...each, identity: changed })));
      return fastest(() => reconcile(desired, stale));
    };
    time(1000);
    const ratio = time(10_000) / time(1000);
    expect(ratio).toBeLessThan(30);
    const everything = reconcile(chain(10_000), nothing).operations;
    expect(everything.every(({ id, after }) => after.every((each) => each < id))).toBe(true);
  });
});

function fastest(work: () => unknown): number {
  let best = Infinity;
  for (let run = 0; run < 3; run++) {
    const start = performance.now();
    work();
    best = Math.min(best, performance.now() - start);
  }
  return best;
}
