import { runJob } from "@caisson/kit";
import { readKeyId } from "../../keys/key-arguments.ts";
import { keyTtlMs } from "../../keys/key-cache.ts";
import { revokeKey as revoke } from "../../keys/revoke-key.ts";
import { revokeKey } from "./contract.ts";

await runJob(revokeKey, async ({ args, config, postgres, ready }) => {
  const id = readKeyId(args);
  const pool = postgres(config.databaseUrl, { size: 1 });
  await ready();
  await revoke(pool, id);
  process.stdout.write(`${id} is revoked; nothing accepts it after ${keyTtlMs / 1000} s\n`);
});
