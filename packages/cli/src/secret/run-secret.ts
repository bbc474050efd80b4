import { declaredSecrets, type DeclaredSecret } from "@caisson/core";
import { openSecrets, type ProjectSecrets } from "@caisson/runtime/offline";
import type { Context } from "../context.ts";
import { CommandError, usageError } from "../errors/command-error.ts";
import { openStack, type OpenStack } from "../project/open.ts";
import type { SecretArguments } from "../verbs/secret.ts";
import { exportAll } from "./export.ts";
import { getSecret } from "./get.ts";
import { listSecrets } from "./list.ts";
import { resetOne } from "./reset.ts";
import { setSecret } from "./set.ts";

/** A secret an action is about. */
export interface Chosen {
  readonly open: OpenStack;
  readonly secrets: ProjectSecrets;
  readonly secret: DeclaredSecret;
}

/** Lists, sets, shows, resets or exports. */
export async function runSecret(context: Context, args: SecretArguments): Promise<void> {
  const { flags, words } = args;
  const [action = "list", name] = words;
  if (action === "list" && name !== undefined) throw usageError(`\`caisson secret list\` takes no name, got ${name}`);
  if (action !== "list" && name === undefined)
    throw new CommandError(
      "E_ARGUMENT",
      `\`caisson secret ${action}\` wants ${action === "export" ? "the DIR to fill" : "the NAME of a secret"}`,
    );
  if (action !== "set" && flags["from-file"] !== undefined)
    throw usageError(`--from-file is for \`secret set\`, not \`secret ${action}\``);
  if (action !== "get" && flags.certificates)
    throw usageError(`--certificates is for \`secret get\`, not \`secret ${action}\``);
  const open = await openStack(context, flags);
  if (action === "export") return exportAll(context, open, args);
  const stack = await open.resolve(flags);
  const declared = declaredSecrets(stack);
  const secrets = openSecrets(open.project);
  if (name === undefined) return listSecrets(context, secrets, declared, flags.format);
  const named = (each: DeclaredSecret): boolean => each.name === name;
  const secret =
    declared.find(named) ??
    (await ofProfiles(open, flags, stack.profiles.all)).find(named) ??
    abandoned(secrets, name) ??
    unknown(name, declared, open);
  const chosen: Chosen = { open, secrets, secret };
  if (action === "set") await setSecret(context, chosen, flags["from-file"]);
  else if (action === "get") await getSecret(context, chosen, flags);
  else await resetOne(context, chosen, flags.yes);
}

/**
 * Of profiles that are off: who is told to supply one is told its name, and may have turned its profile on elsewhere. One by
 * one, for two may exclude each other.
 */
async function ofProfiles(
  open: OpenStack,
  flags: SecretArguments["flags"],
  profiles: readonly string[],
): Promise<readonly DeclaredSecret[]> {
  const found = profiles.map(async (profile) => {
    try {
      return declaredSecrets(await open.resolve({ ...flags, profile: [...flags.profile, profile] }));
    } catch {
      return []; // What it says is for who turns it on.
    }
  });
  return (await Promise.all(found)).flat();
}

/** A secret that is stored though the stack no longer names it. */
function abandoned(secrets: ProjectSecrets, name: string): DeclaredSecret | undefined {
  const stored = secrets.list().find((each) => each.name === name);
  return (
    stored && {
      name,
      source: stored.source === "provided" ? { from: "provided" } : { from: "generated", bytes: 32 },
      usedBy: [],
    }
  );
}

function unknown(name: string, declared: readonly DeclaredSecret[], { project }: OpenStack): never {
  const known = declared.map((each) => each.name);
  throw new CommandError(
    "E_SECRET_UNKNOWN",
    `stack ${project.stack} has no secret ${JSON.stringify(name)} (it has ${known.join(", ") || "none"})`,
    { suggest: { word: name, among: known } },
  );
}
