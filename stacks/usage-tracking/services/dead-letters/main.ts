import { parseArgs } from "node:util";
import { CaissonError } from "@caisson/core";
import { runJob } from "@caisson/kit";
import { deadLetters } from "./contract.ts";
import { listLetters, redriveLetter } from "./letters.ts";

const usage = `expected one of
  list [--tenant NAME] [--limit N]
  redrive --id ID | --tenant NAME | --all`;
/** Most letters of one run. */
const mostLetters = 100_000;

await runJob(deadLetters, async ({ args, config, postgres, ready }) => {
  const [verb, ...rest] = args;
  const { tenant, id, all, limit } = readOptions(rest);
  const known = verb === "list" || (verb === "redrive" && [tenant, id, all].filter(Boolean).length === 1);
  if (!known) throw new CaissonError("E_VALUE", `${usage}, got ${args.join(" ") || "nothing"}`);
  const pool = postgres(config.databaseUrl, { size: 1 });
  await ready();
  const print = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`);
  const letters = await pool.transaction((client) => listLetters(client, { tenant, id }, limit));
  if (verb === "list") {
    for (const letter of letters) print(letter);
    return;
  }
  const total = { stored: 0, duplicates: 0, dead: 0 };
  for (const letter of letters) {
    const redriven = await pool.transaction((client) => redriveLetter(client, letter.id));
    for (const name of ["stored", "duplicates", "dead"] as const) total[name] += redriven?.[name] ?? 0;
  }
  print({ redriven: letters.length, ...total });
});

function readOptions(args: readonly string[]) {
  const text = { type: "string" } as const;
  try {
    const options = { tenant: text, id: text, limit: text, all: { type: "boolean" } } as const;
    const { limit = String(mostLetters), ...values } = parseArgs({ args: [...args], options }).values;
    if (!/^[1-9]\d{0,5}$/.test(limit)) throw new Error(`expected --limit from 1 to 999999, got ${limit}`);
    if (values.id !== undefined && !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(values.id)) {
      throw new Error(`expected --id to be the id of a dead letter, got ${values.id}`);
    }
    return { ...values, limit: Number(limit) };
  } catch (error) {
    throw new CaissonError("E_VALUE", `${usage}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}
