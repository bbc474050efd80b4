import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { provision } from "./provision.ts";
import type { Step } from "./step.ts";
import { makePostgresServer, type PostgresServer } from "./testing/postgres-server.ts";
import { runProvision, type Run } from "./testing/run-provision.ts";

const secret = "Canary-7f3e";

describe("the provision program, when things go wrong", () => {
  let server: PostgresServer;
  let adminUrl: string;
  beforeAll(async () => {
    server = await makePostgresServer();
    adminUrl = `postgres://postgres:${encodeURIComponent(server.password)}@127.0.0.1:${server.port}/postgres`;
    await server.start();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  /** Steps of one application, with names of its own so that tests do not meet. */
  const stepsFor = (name: string, password = secret): Step[] => [
    { kind: "postgres-role", role: name, password },
    { kind: "postgres-database", database: name, owner: name },
    { kind: "postgres-extension", database: name, extension: "pg_trgm", optional: false },
  ];
  const statuses = (run: Run): unknown[] => run.lines.map(({ status }) => status);

  async function connected<T>(
    user: string,
    password: string,
    database: string,
    use: (client: pg.Client) => Promise<T>,
  ) {
    const client = new pg.Client({ host: "127.0.0.1", port: server.port, user, password, database });
    await client.connect();
    try {
      return await use(client);
    } finally {
      await client.end();
    }
  }

  test("gives up at once where waiting cannot help", async () => {
    const wrong = `postgres://postgres:wrong@127.0.0.1:${server.port}/postgres`;
    const { code, lines } = await runProvision({ adminUrl: wrong, steps: [] });
    expect({ code, lines }).toEqual({
      code: 1,
      lines: [{ level: "error", event: "failed", reason: 'password authentication failed for user "postgres"' }],
    });
  });

  test("gives up on a server that does not come, when patience ends", async () => {
    const nobody = "postgres://postgres:x@127.0.0.1:1/postgres";
    const events: unknown[] = [];
    const run = provision({ adminUrl: nobody, steps: [], tell: (event) => events.push(event), patienceMs: 200 });
    await expect(run).rejects.toThrow("ECONNREFUSED");
    expect(events).toEqual([{ event: "retry", reason: expect.stringContaining("ECONNREFUSED") as string }]);
  });

  test("two runs at once take turns and end in the same place", async () => {
    const steps = stepsFor("heidi");
    const runs = await Promise.all([1, 2, 3].map(() => runProvision({ adminUrl, steps })));
    expect(runs.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(runs.flatMap(statuses).toSorted()).toEqual([
      ...Array<string>(3).fill("done"),
      ...Array<string>(6).fill("unchanged"),
    ]);
  });

  test("waits for a server that is still starting", async () => {
    await server.stop("SIGINT");
    let restarted: Promise<void> | undefined;
    const run = await runProvision({ adminUrl, steps: stepsFor("ivan") }, ({ event }) => {
      if (event === "retry") restarted ??= server.start();
    });
    await restarted;
    expect([run.code, ...run.lines.map(({ event }) => event)]).toEqual([0, "retry", "step", "step", "step"]);
  });

  test("killed anywhere in the middle, it is completed by the next run", async () => {
    const codes: (number | null)[] = [];
    for (const killAt of [1, 2, 3, 4]) {
      const steps = [`k${killAt}a`, `k${killAt}b`].flatMap((name) => stepsFor(name));
      let seen = 0;
      const cut = await runProvision({ adminUrl, steps }, (_, kill) => {
        seen += 1;
        if (seen === killAt) kill();
      });
      codes.push(cut.code);
      const rest = await runProvision({ adminUrl, steps });
      expect(rest.code).toBe(0);
      expect(statuses(rest).slice(0, killAt)).toEqual(Array<string>(killAt).fill("unchanged"));
      expect(statuses(await runProvision({ adminUrl, steps }))).toEqual(Array<string>(6).fill("unchanged"));
      await connected(`k${killAt}b`, secret, `k${killAt}b`, (client) => client.query("CREATE TABLE t ()"));
    }
    // A machine that is slow to kill may let one of them end first.
    expect(codes).toContain(null);
  });

  test("goes on when the server crashes under it and comes back", async () => {
    const names = Array.from({ length: 6 }, (_, index) => `judy${index}`);
    let back: Promise<void> | undefined;
    const run = await runProvision({ adminUrl, steps: names.flatMap((name) => stepsFor(name)) }, ({ step }) => {
      if (step === "postgres-database") back ??= server.stop("SIGQUIT").then(() => server.start());
    });
    await back;
    expect(run.code).toBe(0);
    expect(run.lines.filter(({ event }) => event === "retry")).toHaveLength(1);
    expect(run.lines.filter(({ event }) => event === "step")).toHaveLength(18);
    for (const name of names) await connected(name, secret, name, (client) => client.query("CREATE TABLE t ()"));
  });
});
