import { confirm } from "../ask.ts";
import type { Context } from "../context.ts";
import { CommandError } from "../errors/command-error.ts";
import type { Chosen } from "./run-secret.ts";

/** Prints the value, after a yes. It is the one verb that does. */
export async function getSecret(context: Context, { secrets, secret }: Chosen, yes: boolean): Promise<void> {
  const found = secrets.get(secret.name);
  if (found === undefined)
    throw new CommandError("E_SECRET_MISSING", `the secret ${secret.name} is not there yet`, {
      hint:
        secret.from === "provided"
          ? `Supply it: caisson secret set ${secret.name}`
          : "It is made at the first `caisson up`.",
    });
  await confirm(context, `Printing the value of ${secret.name}`, yes);
  context.stdout.write(`${found.value}\n`);
}
