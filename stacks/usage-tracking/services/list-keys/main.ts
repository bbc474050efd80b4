import { runJob } from "@caisson/kit";
import { readOptions } from "../../keys/key-arguments.ts";
import { listKeys as list, type ListedKey } from "../../keys/list-keys.ts";
import { listKeys } from "./contract.ts";

const columns = [
  "id",
  "tenant",
  "scopes",
  "state",
  "created",
  "family",
] as const satisfies readonly (keyof ListedKey)[];

await runJob(listKeys, async ({ args, config, postgres, ready }) => {
  const { tenant } = readOptions(args, ["tenant"], "nothing or --tenant NAME");
  const pool = postgres(config.databaseUrl, { size: 1 });
  await ready();
  const keys = await list(pool, tenant);
  const rows = [columns, ...keys.map((key) => columns.map((column) => key[column]))];
  const widths = columns.map((_, index) => Math.max(...rows.map((row) => row[index]?.length ?? 0)));
  for (const row of rows) {
    const cells = row.map((cell, index) => cell.padEnd(widths[index] ?? 0));
    process.stdout.write(`${cells.join("  ").trimEnd()}\n`);
  }
});
