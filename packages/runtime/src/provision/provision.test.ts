import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Step } from "./step.ts";
import { makePostgresServer, type PostgresServer } from "./testing/postgres-server.ts";
import { runProvision, type Run } from "./testing/run-provision.ts";

const secret = "Canary-7f3e";

describe("the provision program", () => {
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
  const asAdmin = <T extends pg.QueryResultRow>(sql: string, database = "postgres"): Promise<T[]> =>
    connected("postgres", server.password, database, async (client) => (await client.query<T>(sql)).rows);

  test("makes a role a member of another, once, and without the right to pass that on", async () => {
    const [role] = stepsFor("onlooker");
    const steps = [...(role ? [role] : []), { kind: "postgres-membership", role: "onlooker", memberOf: "pg_monitor" }];
    const first = await runProvision({ adminUrl, steps });
    expect([first.code, ...statuses(first)]).toEqual([0, "done", "done"]);
    const again = await runProvision({ adminUrl, steps });
    expect([again.code, ...statuses(again)]).toEqual([0, "unchanged", "unchanged"]);
    const text = `SELECT roleid::regrole::text AS role, admin_option FROM pg_auth_members WHERE member = 'onlooker'::regrole`;
    expect(await asAdmin(text)).toEqual([{ role: "pg_monitor", admin_option: false }]);
  });

  test("lets an onlooker see from inside a database how large its tables are, and none of their rows", async () => {
    const [role] = stepsFor("exporter");
    const steps: Step[] = [
      ...stepsFor("ledger"),
      ...(role ? [role] : []),
      { kind: "postgres-membership", role: "exporter", memberOf: "pg_monitor" },
      { kind: "postgres-access", database: "ledger", role: "exporter", owner: "ledger", read: [], write: [] },
    ];
    expect((await runProvision({ adminUrl, steps })).code).toBe(0);
    await connected("ledger", secret, "ledger", (client) =>
      client.query("CREATE TABLE entry AS SELECT n FROM generate_series(1, 10000) AS n"),
    );
    await connected("exporter", secret, "ledger", async (client) => {
      const { rows } = await client.query<{ table: number; indexes: number }>(
        `SELECT pg_table_size(relid)::int AS table, pg_indexes_size(relid)::int AS indexes
         FROM pg_stat_user_tables WHERE relname = 'entry'`,
      );
      expect(rows).toEqual([{ table: expect.any(Number), indexes: 0 }]);
      expect(rows[0]?.table).toBeGreaterThan(300_000);
      await expect(client.query("SELECT FROM entry")).rejects.toThrow("permission denied for table entry");
    });
  });

  test("lets a role replicate and nothing else, and keeps a slot for it", async () => {
    const steps = [{ kind: "postgres-replication", role: "follower", password: secret, slot: "follower" } as const];
    const first = await runProvision({ adminUrl, steps });
    expect(first.lines.map(({ detail }) => detail)).toEqual(["created, slot created"]);
    expect(statuses(await runProvision({ adminUrl, steps }))).toEqual(["unchanged"]);
    await asAdmin("ALTER ROLE follower NOREPLICATION CREATEDB");
    expect((await runProvision({ adminUrl, steps })).lines.map(({ detail }) => detail)).toEqual(["rights corrected"]);
    expect(
      await asAdmin("SELECT rolreplication, rolcreatedb, rolsuper FROM pg_roles WHERE rolname = 'follower'"),
    ).toEqual([{ rolreplication: true, rolcreatedb: false, rolsuper: false }]);
    expect(await asAdmin("SELECT slot_type FROM pg_replication_slots WHERE slot_name = 'follower'")).toEqual([
      { slot_type: "physical" },
    ]);
  });

  test("gives a role what is listed of schemas, on what comes later too, and takes the rest", async () => {
    const roles = ["shop", "teller", "auditor"].map((role): Step => ({
      kind: "postgres-role",
      role,
      password: secret,
    }));
    const access = (role: string, read: string[], write: string[]): Step => ({
      kind: "postgres-access",
      database: "shop",
      role,
      owner: "shop",
      read,
      write,
    });
    const steps: Step[] = [
      ...roles,
      { kind: "postgres-database", database: "shop", owner: "shop" },
      { kind: "postgres-schema", database: "shop", schema: "sales", owner: "shop" },
      { kind: "postgres-schema", database: "shop", schema: "books", owner: "shop" },
      access("teller", [], ["sales"]),
      access("auditor", ["sales", "books"], []),
    ];
    const first = await runProvision({ adminUrl, steps });
    expect([first.code, ...first.lines.map(({ detail }) => detail)].slice(5)).toEqual([
      "created",
      "created",
      "rights set",
      "rights set",
    ]);
    await connected("shop", secret, "shop", async (client) => {
      await client.query("CREATE TABLE sales.sale (id serial, what text); CREATE TABLE books.page (a text)");
    });
    // What its owner makes later is reached without another run.
    expect(new Set(statuses(await runProvision({ adminUrl, steps })))).toEqual(new Set(["unchanged"]));
    await connected("teller", secret, "shop", async (client) => {
      await client.query("INSERT INTO sales.sale (what) VALUES ('tea')");
      await expect(client.query("SELECT FROM books.page")).rejects.toThrow("permission denied for schema books");
      await expect(client.query("CREATE TABLE sales.mine (a text)")).rejects.toThrow("permission denied");
      await expect(client.query("CREATE TABLE public.mine (a text)")).rejects.toThrow("permission denied");
    });
    await connected("auditor", secret, "shop", async (client) => {
      expect((await client.query("SELECT what FROM sales.sale")).rows).toEqual([{ what: "tea" }]);
      expect((await client.query("SELECT FROM books.page")).rowCount).toBe(0);
      await expect(client.query("DELETE FROM sales.sale")).rejects.toThrow("permission denied for table sale");
    });

    await asAdmin(
      "GRANT ALL ON ALL TABLES IN SCHEMA books TO teller; REVOKE SELECT ON sales.sale FROM auditor",
      "shop",
    );
    const less = [...steps.slice(0, -1), access("auditor", ["sales"], [])];
    const second = await runProvision({ adminUrl, steps: less });
    expect(second.lines.map(({ detail }) => detail)).toEqual(["", "", "", "", "", "", "rights set", "rights set"]);
    await connected("auditor", secret, "shop", async (client) => {
      expect((await client.query("SELECT FROM sales.sale")).rowCount).toBe(1);
      await expect(client.query("SELECT FROM books.page")).rejects.toThrow("permission denied for schema books");
    });
    expect(await asAdmin("SELECT has_table_privilege('teller', 'books.page', 'SELECT') AS may", "shop")).toEqual([
      { may: false },
    ]);
    const none = await runProvision({ adminUrl, steps: [access("teller", ["stock"], [])] });
    expect([none.code, none.lines.at(-1)]).toEqual([1, expect.objectContaining({ level: "error" })]);
  });

  test("makes role, database and extension; the second run changes nothing", async () => {
    const steps = stepsFor("usage_user");
    expect(await runProvision({ adminUrl, steps })).toMatchObject({
      code: 0,
      lines: [
        { level: "info", event: "step", step: "postgres-role", name: "usage_user", status: "done", detail: "created" },
        { step: "postgres-database", name: "usage_user", status: "done" },
        { step: "postgres-extension", name: "usage_user/pg_trgm", status: "done", detail: "created" },
      ],
    });
    // A row's xmin is the transaction that wrote it last.
    const versions = `SELECT (SELECT xmin FROM pg_authid WHERE rolname = 'usage_user') AS role,
      (SELECT xmin FROM pg_database WHERE datname = 'usage_user') AS database`;
    const before = await asAdmin(versions);
    const again = await runProvision({ adminUrl, steps });
    expect([again.code, ...statuses(again)]).toEqual([0, "unchanged", "unchanged", "unchanged"]);
    expect(await asAdmin(versions)).toEqual(before);
  });

  test("lets the owner work in its database and no one else in", async () => {
    for (const name of ["alice", "bob"]) expect((await runProvision({ adminUrl, steps: stepsFor(name) })).code).toBe(0);
    await connected("alice", secret, "alice", async (client) => {
      await client.query("CREATE TABLE t (a text); CREATE SCHEMA mine; CREATE INDEX ON t USING gin (a gin_trgm_ops)");
    });
    const intrusion = connected("bob", secret, "alice", () => Promise.resolve());
    await expect(intrusion).rejects.toThrow('permission denied for database "alice"');
    expect(
      await asAdmin(
        "SELECT rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls FROM pg_roles WHERE rolname = 'alice'",
      ),
    ).toEqual([
      { rolsuper: false, rolcreatedb: false, rolcreaterole: false, rolreplication: false, rolbypassrls: false },
    ]);
    expect(
      await asAdmin("SELECT nspowner::regrole::text AS owner FROM pg_namespace WHERE nspname = 'public'", "alice"),
    ).toEqual([{ owner: "alice" }]);
  });

  test("corrects what is wrong, and only that", async () => {
    const steps = stepsFor("carol");
    await runProvision({ adminUrl, steps });
    await asAdmin(`ALTER ROLE carol NOLOGIN SUPERUSER CREATEDB PASSWORD 'other' VALID UNTIL '2020-01-01'`);
    const first = await runProvision({ adminUrl, steps });
    expect(first.lines.map(({ detail }) => detail)).toEqual(["rights corrected, password set", "", ""]);
    await connected("carol", secret, "carol", () => Promise.resolve());

    await asAdmin("ALTER DATABASE carol OWNER TO postgres");
    await asAdmin("GRANT CONNECT ON DATABASE carol TO PUBLIC");
    await asAdmin("ALTER SCHEMA public OWNER TO postgres; GRANT CREATE ON SCHEMA public TO PUBLIC", "carol");
    await asAdmin("DROP EXTENSION pg_trgm", "carol");
    const second = await runProvision({ adminUrl, steps });
    expect(second.lines.map(({ detail }) => detail)).toEqual([
      "",
      "owner changed from postgres, closed to other roles, public schema given to the owner, public schema closed to other roles",
      "created",
    ]);
    expect(statuses(await runProvision({ adminUrl, steps }))).toEqual(["unchanged", "unchanged", "unchanged"]);
  });

  test("sets a role without a password, or with one of another form", async () => {
    await asAdmin("CREATE ROLE dora LOGIN");
    const steps = stepsFor("dora").slice(0, 1);
    expect((await runProvision({ adminUrl, steps })).lines[0]).toMatchObject({ detail: "password set" });
    expect(statuses(await runProvision({ adminUrl, steps }))).toEqual(["unchanged"]);
    expect((await runProvision({ adminUrl, steps: stepsFor("dora", "changed").slice(0, 1) })).lines[0]).toMatchObject({
      detail: "password set",
    });
    await connected("dora", "changed", "postgres", () => Promise.resolve());
  });

  test.each([
    [`we"ird 'näme; --`, `pä'ss"w\\ord \uFB01 $1 %s`],
    ["select", "a:b/c@d?e#f"],
    ["UPPER-Case/slash#?", " "],
    ["x".repeat(63), "y".repeat(300)],
  ])("copes with the name %j", async (name, password) => {
    const steps = stepsFor(name, password);
    expect(statuses(await runProvision({ adminUrl, steps }))).toEqual(["done", "done", "done"]);
    expect(statuses(await runProvision({ adminUrl, steps }))).toEqual(["unchanged", "unchanged", "unchanged"]);
    await connected(name, password, name, (client) => client.query("CREATE TABLE t ()"));
  });

  test("never lets a password reach a log, the server's included", async () => {
    const canary = "Canary'\"9c41";
    const run = await runProvision({ adminUrl, steps: stepsFor("erin", canary) });
    const broken = await runProvision({
      adminUrl,
      steps: `[{"kind":"postgres-role","role":"erin","password":"${canary}`,
    });
    const refused = await runProvision({ adminUrl: adminUrl.replace("127.0.0.1", "127.0.0.1:x"), steps: [] });
    expect(server.log()).toContain('CREATE ROLE "erin"');
    for (const text of [run.output, broken.output, refused.output, server.log()]) {
      expect(text).not.toContain("9c41");
      expect(text).not.toContain(server.password);
      expect(text).not.toContain(encodeURIComponent(server.password));
    }
  });

  test("leaves an optional extension out where the server cannot have it, with a note", async () => {
    const steps: Step[] = [
      ...stepsFor("frank").slice(0, 2),
      { kind: "postgres-extension", database: "frank", extension: "timescaledb", optional: true },
      { kind: "postgres-extension", database: "frank", extension: "earthdistance", optional: true },
    ];
    const run = await runProvision({ adminUrl, steps });
    expect([run.code, ...statuses(run)]).toEqual([0, "done", "done", "skipped", "done"]);
    expect(run.lines[2]).toMatchObject({
      detail: expect.stringMatching(
        /^PostgreSQL 18\.\d+ has no extension timescaledb, asked for in database frank$/,
      ) as string,
    });
    // earthdistance needs cube, which nobody asked for by name.
    expect(
      await asAdmin("SELECT extname FROM pg_extension WHERE extname IN ('cube', 'earthdistance') ORDER BY 1", "frank"),
    ).toEqual([{ extname: "cube" }, { extname: "earthdistance" }]);
  });

  test("names what lacks an extension that must be there, after what could be done", async () => {
    const steps: Step[] = [
      ...stepsFor("grace").slice(0, 2),
      { kind: "postgres-extension", database: "grace", extension: "timescaledb", optional: false },
    ];
    const run = await runProvision({ adminUrl, steps });
    expect(run.code).toBe(1);
    expect(statuses(run)).toEqual(["done", "done", undefined]);
    expect(run.lines[2]).toEqual({
      level: "error",
      event: "failed",
      reason: expect.stringMatching(
        /^PostgreSQL 18\.\d+ has no extension timescaledb, asked for in database grace$/,
      ) as string,
    });
  });

  test.each([
    [{ steps: [] }, "expected ADMIN_URL_FILE to name a file, it is not set"],
    [{ adminUrl: "postgres://x" }, "expected STEPS_FILE to name a file, it is not set"],
    [{ adminUrl: "http://x", steps: [] }, "expected the admin URL to be postgres://user:password@host:port/database"],
    [{ adminUrl: "postgres://x", steps: "{" }, "expected the steps to be JSON"],
    [{ adminUrl: "postgres://x", steps: {} }, "expected the steps to be a JSON list"],
    [{ adminUrl: "postgres://x", steps: [{ kind: "s3-bucket" }] }, "step 1 of 1 is none that this version knows"],
    [
      { adminUrl: "postgres://x", steps: [{ kind: "postgres-role", role: "a" }] },
      "step 1 of 1 is none that this version knows",
    ],
    [
      { adminUrl: "postgres://x", steps: [{ kind: "postgres-database", database: "ä".repeat(32), owner: "a" }] },
      `expected a name of 1 to 63 bytes in step postgres-database, got "${"ä".repeat(32)}"`,
    ],
  ])("refuses %j", async (files, reason) => {
    const { code, lines } = await runProvision(files);
    expect({ code, lines }).toEqual({ code: 1, lines: [{ level: "error", event: "failed", reason }] });
  });

  test("refuses to turn the superuser into a program's role", async () => {
    const run = await runProvision({ adminUrl, steps: stepsFor("postgres") });
    expect(run.code).toBe(1);
    expect(run.lines.at(-1)).toMatchObject({ reason: expect.stringContaining("is the server's superuser") as string });
    expect(await asAdmin("SELECT rolsuper FROM pg_roles WHERE rolname = 'postgres'")).toEqual([{ rolsuper: true }]);
  });
});
