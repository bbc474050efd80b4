import { parseArgs } from "node:util";
import { CaissonError } from "@caisson/core";
import { runJob } from "@caisson/kit";
import { addRule, endRule } from "../../billing/change-rules.ts";
import { parseRule } from "../../billing/parse-rule.ts";
import { dayOf, readRules } from "../../billing/stored-rule.ts";
import { writtenRule } from "../../billing/written-rule.ts";
import { billingRule } from "./contract.ts";

const usage = `expected one of
  list
  add --service TYPE --from DAY --part UNIT=RATE [--part ...] [--provider NAME] [--model NAME] [--until DAY] [--minimum AMOUNT]
  end --id ID --until DAY`;

await runJob(billingRule, async ({ args, config, postgres, ready }) => {
  const [verb, ...rest] = args;
  const values = readOptions(rest);
  const add = verb === "add" ? parseRule(values) : undefined;
  const end = verb === "end" ? readEnd(values) : undefined;
  if (verb !== "list" && !add && !end)
    throw new CaissonError("E_VALUE", `${usage}, got ${args.join(" ") || "nothing"}`);
  const pool = postgres(config.databaseUrl, { size: 1 });
  await ready();
  const print = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`);
  if (verb === "list") {
    for (const rule of await pool.transaction(readRules)) print(writtenRule(rule));
    return;
  }
  const { rule, recomputed } = await pool.transaction((client) =>
    add ? addRule(client, add) : endRule(client, end?.id ?? Number.NaN, end?.until ?? Number.NaN),
  );
  print({ rule: writtenRule(rule), recomputed });
});

function readOptions(args: readonly string[]) {
  const text = { type: "string" } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        service: text,
        provider: text,
        model: text,
        from: text,
        until: text,
        minimum: text,
        id: text,
        part: { type: "string", multiple: true },
      },
    }).values;
  } catch (error) {
    throw new CaissonError("E_VALUE", `${usage}, got ${args.join(" ")}`, { cause: error });
  }
}

function readEnd({ id, until }: { readonly id?: string; readonly until?: string }): { id: number; until: number } {
  const day = dayOf(until ?? "");
  if (id === undefined || !/^\d{1,9}$/.test(id) || day === undefined) {
    throw new CaissonError(
      "E_VALUE",
      `expected end --id ID --until DAY (2026-11-20), got ${id ?? "no id"} and ${until ?? "no day"}`,
    );
  }
  return { id: Number(id), until: day };
}
