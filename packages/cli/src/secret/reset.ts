import { resetSecret } from "@caisson/runtime/offline";
import { confirm } from "../ask.ts";
import type { Context } from "../context.ts";
import { usageError } from "../errors/command-error.ts";
import type { Chosen } from "./run-secret.ts";

/** Makes a generated secret anew, in the store that knows it too. */
export async function resetOne(context: Context, { open, secret }: Chosen, yes: boolean): Promise<void> {
  const { name, usedBy } = secret;
  if (secret.source.from === "provided")
    throw usageError(`${name} was supplied, so caisson cannot make it anew`, {
      hint: `Supply the new one: caisson secret set ${name}`,
    });
  const users = usedBy.length === 0 ? "" : `, which ${usedBy.join(", ")} use${usedBy.length === 1 ? "s" : ""}`;
  await confirm(context, `Making ${name} anew${users}`, yes);
  await resetSecret(open.project, name, secret.source);
  context.stderr.write(`${name} is new; what uses it takes it up at the next \`caisson up\`\n`);
}
