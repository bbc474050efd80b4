// The program behind a store's provision job. Reads two files, named by ADMIN_URL_FILE and STEPS_FILE; writes one JSON
// line a step; exit 0 when every step is fulfilled, 1 when not. Imports no more than it needs: whatever waits for the
// store waits for this.
import { readFileSync } from "node:fs";
import { isTransient } from "./is-transient.ts";
import { provision, reasonOf } from "./provision.ts";
import { readSteps } from "./read-steps.ts";
import { ProvisionError } from "./step.ts";

process.exitCode = await main(process.env);

async function main(env: NodeJS.ProcessEnv): Promise<number> {
  try {
    const adminUrl = readConfig(env, "ADMIN_URL_FILE").trim();
    const steps = readSteps(readConfig(env, "STEPS_FILE"));
    await provision({ adminUrl, steps, tell: (event) => log("info", event) });
    return 0;
  } catch (error) {
    log("error", { event: "failed", reason: reasonOf(error), ...(!isExpected(error) && { stack: stackOf(error) }) });
    return 1;
  }
}

function readConfig(env: NodeJS.ProcessEnv, name: string): string {
  const path = env[name];
  if (path === undefined || path === "") throw new ProvisionError(`expected ${name} to name a file, it is not set`);
  return readFileSync(path, "utf8");
}

/** Errors of the database, the network and the file system have a code; one without is a bug and shows its stack. */
function isExpected(error: unknown): boolean {
  return error instanceof ProvisionError || isTransient(error) || (error instanceof Error && "code" in error);
}

function stackOf(error: unknown): string | undefined {
  return error instanceof Error ? error.stack : undefined;
}

function log(level: "info" | "error", fields: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify({ level, time: Date.now(), ...fields })}\n`);
}
