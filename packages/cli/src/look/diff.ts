import type { Context } from "../context.ts";
import { pick, runningStack } from "../project/agent.ts";
import { fitting, tableLines } from "../render/table.ts";
import type { DiffArguments } from "../verbs/diff.ts";

/** Lists what was changed by hand of what runs: 0 when nothing was, 19 when something was. */
export async function runDiff(context: Context, { flags, words }: DiffArguments): Promise<number> {
  const { agent } = await runningStack(context, flags);
  const asked = new Set(pick((await agent.resources()).resources, words).map(({ name }) => name));
  const { runs, differences: all } = await agent.diff();
  const differences = all.filter(({ resource }) => asked.has(resource));
  const { stdout } = context;
  if (flags.format === "json") stdout.write(`${JSON.stringify({ runs, differences }, null, 2)}\n`);
  else if (flags.format === "jsonl")
    stdout.write(differences.map((difference) => `${JSON.stringify(difference)}\n`).join(""));
  else if (differences.length === 0) stdout.write(`nothing differs (${runs} looked at)\n`);
  else {
    const rows = differences.map(({ resource, replica, field, expected, got }) => [
      `${resource}/${replica}`,
      field,
      expected,
      got,
    ]);
    stdout.write(`${tableLines(columns, rows, fitting(stdout)).join("\n")}\n`);
  }
  return differences.length === 0 ? 0 : 19;
}

const columns = [{ title: "REPLICA" }, { title: "WHAT" }, { title: "EXPECTED" }, { title: "GOT" }] as const;
