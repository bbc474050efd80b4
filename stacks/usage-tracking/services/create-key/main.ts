import { parseArgs } from "node:util";
import { CaissonError } from "@caisson/core";
import { runJob } from "@caisson/kit";
import { createKey as insertKey } from "../../keys/create-key.ts";
import { createKey } from "./contract.ts";

await runJob(createKey, async ({ args, config, postgres, ready }) => {
  const tenant = readTenant(args);
  const pool = postgres(config.databaseUrl, { size: 1 });
  await ready();
  const key = await insertKey(pool, {
    tenant,
    environment: config.keyEnvironment,
    pepper: config.apiKeyPepper,
  });
  // The one time it is shown; nothing else goes to stdout.
  process.stdout.write(`${key}\n`);
});

function readTenant(args: readonly string[]): string {
  const usage = "expected --tenant NAME (1 to 255 characters)";
  let tenant: string | undefined;
  try {
    ({ tenant } = parseArgs({ args: [...args], options: { tenant: { type: "string" } } }).values);
  } catch (error) {
    throw new CaissonError("E_VALUE", `${usage}, got ${args.join(" ")}`, { cause: error });
  }
  if (tenant !== undefined && tenant !== "" && [...tenant].length <= 255 && tenant.isWellFormed()) return tenant;
  throw new CaissonError("E_VALUE", `${usage}, got ${JSON.stringify(tenant ?? "nothing")}`);
}
