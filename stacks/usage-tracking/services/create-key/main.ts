import { runJob } from "@caisson/kit";
import { createKey as insertKey } from "../../keys/create-key.ts";
import { readOptions, readScopes, readTenant } from "../../keys/key-arguments.ts";
import { createKey } from "./contract.ts";

const usage = "--tenant NAME (1 to 255 characters) [--scopes ingest,read]";

await runJob(createKey, async ({ args, config, postgres, ready }) => {
  const { tenant, scopes = "ingest,read" } = readOptions(args, ["tenant", "scopes"], usage);
  const wanted = { tenant: readTenant(tenant, usage), scopes: readScopes(scopes) };
  const pool = postgres(config.databaseUrl, { size: 1 });
  await ready();
  const key = await insertKey(pool, { ...wanted, environment: config.keyEnvironment, pepper: config.apiKeyPepper });
  // The one time it is shown; nothing else goes to stdout.
  process.stdout.write(`${key}\n`);
});
