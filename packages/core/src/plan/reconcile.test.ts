import { describe, expect, it } from "vitest";
import { formatPlan } from "./format-plan.ts";
import type { DesiredResource, Observed } from "./plan-types.ts";
import { reconcile } from "./reconcile.ts";
import { edited, healthy, nothing, slice, store, upAndWell, wanted } from "./testing/plan-cases.ts";

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
