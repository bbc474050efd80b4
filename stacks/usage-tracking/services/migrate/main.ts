import { migrate as migrateDatabase, runJob } from "@caisson/kit";
import { ensureShards } from "../../inbox/ensure-shards.ts";
import { migrate } from "./contract.ts";

await runJob(migrate, async ({ config, log, postgres, ready, signal }) => {
  const pool = postgres(config.databaseUrl, { size: 2 });
  await ready();
  const { version, applied } = await migrateDatabase(pool, new URL("../../migrations/", import.meta.url), log, {
    signal,
  });
  await ensureShards(pool, config.shards);
  log.info({ version, applied: applied.length }, "the schema is up to date");
});
