import { defineProgram, PostgresUrl, Type } from "@caisson/core";
import { migrate, runJob } from "@caisson/kit";

const migrator = defineProgram(import.meta, "migrator", {
  config: Type.Object({ databaseUrl: PostgresUrl, folder: Type.String(), waitMs: Type.Integer({ default: 10_000 }) }),
});

await runJob(migrator, async ({ config, postgres, ready, log, signal }) => {
  const pool = postgres(config.databaseUrl, { size: 1 });
  await ready(config.waitMs);
  const result = await migrate(pool, config.folder, log, { signal });
  log.info({ ...result }, "migrated");
});
