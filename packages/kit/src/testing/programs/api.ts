import { defineProgram, PostgresUrl, Type } from "@caisson/core";
import { httpProblem, runService } from "@caisson/kit";

const api = defineProgram(import.meta, "api", {
  config: Type.Object({
    databaseUrl: PostgresUrl,
    poolSize: Type.Integer({ default: 2 }),
  }),
  http: { port: 0 },
});

await runService(api, ({ app, config, postgres, health }) => {
  const pool = postgres(config.databaseUrl, { size: config.poolSize, acquireTimeoutMs: 1000 });
  health.check(
    "cache",
    async () => {
      throw new Error("there is none");
    },
    { required: false },
  );
  const Sum = Type.Object({ sum: Type.Integer() });
  app.get("/sum", { guard: "public", schema: { response: { 200: Sum } } }, async () => {
    const { rows } = await pool.query<{ sum: number }>("select $1::int + 1 as sum", [1]);
    return { sum: rows[0]?.sum ?? 0 };
  });
  app.get("/locked", { guard: "public" }, async () => {
    await pool.query("select pg_advisory_lock(5), pg_advisory_unlock(5)");
    return {};
  });
  app.post("/roll-back", { guard: "public" }, async () => {
    await pool.transaction(async (client) => {
      await client.query("create table rolled_back (id int)");
      throw httpProblem("conflict", "changed our mind");
    });
  });
  app.get("/snapshot", { guard: "public" }, () =>
    pool.snapshot(async (client) => {
      const count = "select (select count(*)::int from written) as n, pg_backend_pid() as pid";
      const first = await client.query<{ n: number; pid: number }>(count);
      await client.query("select pg_advisory_lock(6), pg_advisory_unlock(6)");
      const second = await client.query<{ n: number }>(count);
      return { first: first.rows[0]?.n, second: second.rows[0]?.n, pid: first.rows[0]?.pid };
    }),
  );
  app.get("/at-once", { guard: "public" }, () =>
    pool.atOnce(async (client) => {
      const count = { name: "count", text: "select (select count(*)::int from written) as n, pg_backend_pid() as pid" };
      const [first, , second] = await Promise.all([
        client.query<{ n: number; pid: number }>(count),
        client.query("select pg_advisory_lock(6), pg_advisory_unlock(6)"),
        client.query<{ n: number }>(count),
      ]);
      return { first: first.rows[0]?.n, second: second.rows[0]?.n, pid: first.rows[0]?.pid };
    }),
  );
  app.post("/written-in-snapshot", { guard: "public" }, () =>
    pool.snapshot((client) => client.query("insert into written values (1)")),
  );
  app.post("/written-at-once", { guard: "public" }, () =>
    pool.atOnce((client) =>
      Promise.all([
        client.query({ name: "write", text: "insert into written values (1)" }),
        client.query({ name: "not-reached", text: "select 1" }),
      ]),
    ),
  );
  app.get("/not-reached", { guard: "public" }, () =>
    pool.atOnce(async (client) => (await client.query({ name: "not-reached", text: "select 1" })).rows[0]),
  );
  app.get("/asked-late", { guard: "public" }, () =>
    pool.atOnce(async (client) => {
      await client.query("select 1");
      return client.query("select 2");
    }),
  );
  app.get("/tables", { guard: "public" }, async () => {
    const { rows } = await pool.query("select to_regclass('rolled_back') as found, pg_backend_pid() as pid");
    return rows[0];
  });
});
