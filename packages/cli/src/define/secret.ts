import { CaissonError, nearest } from "@caisson/core";
import { openSecrets } from "@caisson/runtime";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { confirm } from "../ask.ts";
import { askHidden } from "../ask-hidden.ts";
import { isJson } from "../args/format.ts";
import type { Context } from "../context.ts";
import { CommandError, usageError } from "../errors/command-error.ts";
import { openStack, resolveOpen, type OpenStack } from "../project/open.ts";
import { iso } from "../render/resource-json.ts";
import { fitting, tableLines } from "../render/table.ts";
import type { SecretArguments } from "../verbs/secret.ts";
import { declaredSecrets, type DeclaredSecret } from "./declared-secrets.ts";

type Secrets = Awaited<ReturnType<typeof openSecrets>>;

/** Lists, sets, shows or resets. */
export async function runSecret(context: Context, args: SecretArguments): Promise<void> {
  const { flags, words } = args;
  const [action = "list", name] = words;
  if (action === "list" && name !== undefined) throw usageError(`\`caisson secret list\` takes no name, got ${name}`);
  if (action !== "list" && name === undefined)
    throw new CommandError("E_ARGUMENT", `\`caisson secret ${action}\` wants the NAME of a secret`);
  if (action !== "set" && flags["from-file"] !== undefined)
    throw usageError(`--from-file is for \`secret set\`, not \`secret ${action}\``);
  const open = await openStack(context, flags);
  const declared = declaredSecrets(resolveOpen(context, open, flags));
  const secrets = await openSecrets(open.project);
  if (name === undefined) return list(context, secrets, declared, args);
  if (!declared.some((each) => each.name === name)) await refuseUnknown(secrets, declared, name, open);
  if (action === "set") await set(context, secrets, name, flags["from-file"]);
  else if (action === "get") await get(context, secrets, name, flags.yes);
  else await reset(context, secrets, name, flags.yes, declared);
}

async function list(
  { stdout }: Context,
  secrets: Secrets,
  declared: readonly DeclaredSecret[],
  { flags }: SecretArguments,
): Promise<void> {
  const stored = await secrets.list();
  const names = [...new Set([...declared.map((each) => each.name), ...stored.map((each) => each.name)])].toSorted();
  const rows = names.map((name) => {
    const wanted = declared.find((each) => each.name === name);
    const found = stored.find((each) => each.name === name);
    const source = found?.source ?? wanted?.from ?? "generated";
    const status = found ? "present" : source === "provided" ? "missing" : "made at up";
    return {
      name,
      source,
      status,
      usedBy: wanted?.usedBy ?? [],
      version: found?.version ?? null,
      createdTimestamp: iso(found?.createdAt ?? null),
    };
  });
  if (flags.format === "jsonl") return void stdout.write(rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  if (isJson(flags.format)) return void stdout.write(`${JSON.stringify({ secrets: rows }, null, 2)}\n`);
  const columns = [
    { title: "SECRET" },
    { title: "SOURCE" },
    { title: "STATUS" },
    { title: "SINCE", drop: 1 },
    { title: "USED BY", min: 12, drop: 2 },
  ];
  const cells = rows.map((row) => [
    row.name,
    row.source,
    { text: row.status, tone: row.status === "missing" ? ("bad" as const) : ("plain" as const) },
    row.createdTimestamp ?? "",
    row.usedBy.length === 0 ? "nothing" : row.usedBy.join(", "),
  ]);
  if (rows.length > 0) stdout.write(`${tableLines(columns, cells, fitting(stdout)).join("\n")}\n`);
}

async function set(context: Context, secrets: Secrets, name: string, file: string | undefined): Promise<void> {
  await secrets.set(name, await valueOf(context, name, file));
  context.stderr.write(`${name} is set; what uses it takes it up at the next \`caisson up\`\n`);
}

async function valueOf(context: Context, name: string, file: string | undefined): Promise<string> {
  if (file !== undefined) {
    try {
      return await readFile(resolve(context.cwd, file), "utf8");
    } catch (cause) {
      throw new CommandError("E_FILE", `--from-file: ${resolve(context.cwd, file)} cannot be read`, { cause });
    }
  }
  if (context.stdin.isTTY) return await askHidden(context, `value of ${name} (not shown): `);
  const chunks: Buffer[] = [];
  for await (const chunk of context.stdin.stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString("utf8");
}

async function get(context: Context, secrets: Secrets, name: string, yes: boolean): Promise<void> {
  await confirm(context, `Printing the value of ${name}`, yes);
  const found = await secrets.get(name);
  if (found === undefined) throw new CaissonError("E_SECRET_MISSING", `the secret ${name} is not there yet`);
  context.stdout.write(`${found.value}\n`);
}

async function reset(
  context: Context,
  secrets: Secrets,
  name: string,
  yes: boolean,
  declared: readonly DeclaredSecret[],
): Promise<void> {
  const users = declared.find((each) => each.name === name)?.usedBy ?? [];
  await confirm(
    context,
    `Resetting ${name}${users.length > 0 ? `, which ${users.join(", ")} use${users.length === 1 ? "s" : ""},` : ""}`,
    yes,
  );
  await secrets.reset(name);
  context.stderr.write(`${name} is reset\n`);
}

async function refuseUnknown(
  secrets: Secrets,
  declared: readonly DeclaredSecret[],
  name: string,
  { project }: OpenStack,
): Promise<void> {
  const stored = (await secrets.list()).map((each) => each.name);
  if (stored.includes(name)) return;
  const known = declared.map((each) => each.name);
  const near = nearest(name, known);
  throw new CommandError(
    "E_SECRET_UNKNOWN",
    `stack ${project.stack} has no secret ${JSON.stringify(name)}${near ? `; did you mean ${near}?` : ""} (it has ${known.join(", ") || "none"})`,
  );
}
