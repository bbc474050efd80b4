import { certificatesOf } from "@caisson/runtime/offline";
import { confirm } from "../ask.ts";
import type { Context } from "../context.ts";
import { CommandError } from "../errors/command-error.ts";
import type { Chosen } from "./run-secret.ts";

/** What of a value is wanted, and whether the question is answered already. */
interface GetOptions {
  readonly yes: boolean;
  readonly certificates: boolean;
}

/** Prints the value, after a yes, or what anybody may see of it. It is the one verb that does. */
export async function getSecret(
  context: Context,
  { secrets, secret }: Chosen,
  { yes, certificates }: GetOptions,
): Promise<void> {
  const found = secrets.get(secret.name);
  if (found === undefined)
    throw new CommandError("E_SECRET_MISSING", `the secret ${secret.name} is not there yet`, {
      hint:
        secret.source.from === "provided"
          ? `Supply it: caisson secret set ${secret.name}`
          : "It is made at the first `caisson up`.",
    });
  if (certificates) return void context.stdout.write(certificatesOf(found.value));
  await confirm(context, `Printing the value of ${secret.name}`, yes);
  context.stdout.write(`${found.value}\n`);
}
