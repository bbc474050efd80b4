import { runJob } from "@caisson/kit";
import { readKeyId } from "../../keys/key-arguments.ts";
import { rotateKey as rotate } from "../../keys/rotate-key.ts";
import { rotateKey } from "./contract.ts";

await runJob(rotateKey, async ({ args, config, postgres, ready }) => {
  const id = readKeyId(args);
  const pool = postgres(config.databaseUrl, { size: 1 });
  await ready();
  const key = await rotate(pool, { id, environment: config.keyEnvironment, pepper: config.apiKeyPepper });
  // The one time it is shown; nothing else goes to stdout.
  process.stdout.write(`${key}\n`);
});
