import { runService } from "@caisson/kit";
import { web } from "./contract.ts";

await runService(web, async ({ config, postgres, app }) => {
  const db = postgres(config.databaseUrl, { size: 2 });
  await db.query("CREATE TABLE IF NOT EXISTS visit (at timestamptz NOT NULL DEFAULT now())");
  app.get("/", { guard: "public" }, async () => {
    await db.query("INSERT INTO visit DEFAULT VALUES");
    const { rows } = await db.query<{ count: string }>("SELECT count(*) FROM visit");
    return { visits: Number(rows[0]?.count) };
  });
});
