import { runService } from "@caisson/kit";
import { web } from "./contract.ts";

await runService(web, ({ config, postgres, app }) => {
  const db = postgres(config.databaseUrl, { size: 2 });
  app.get("/", { guard: "public" }, async () => {
    // At a visit, not before: a program boots without its database, and is ready when that is.
    await db.query("CREATE TABLE IF NOT EXISTS visit (at timestamptz NOT NULL DEFAULT now())");
    await db.query("INSERT INTO visit DEFAULT VALUES");
    const { rows } = await db.query<{ count: string }>("SELECT count(*) FROM visit");
    return { visits: Number(rows[0]?.count) };
  });
});
