import type { ProjectSecrets } from "@caisson/runtime/offline";
import type { DeclaredSecret } from "@caisson/core";
import type { Context } from "../context.ts";
import { iso } from "../render/resource-json.ts";
import { fitting, tableLines } from "../render/table.ts";

/** Prints what the stack names and what is stored; never a value. */
export function listSecrets(
  { stdout }: Pick<Context, "stdout">,
  secrets: ProjectSecrets,
  declared: readonly DeclaredSecret[],
  format: "table" | "json" | "jsonl" = "table",
): void {
  const stored = secrets.list();
  const names = new Set([...declared.map((each) => each.name), ...stored.map((each) => each.name)]);
  const rows = [...names].toSorted().map((name) => {
    const wanted = declared.find((each) => each.name === name);
    const found = stored.find((each) => each.name === name);
    const current = found?.versions.at(-1);
    const source = found?.source ?? (wanted?.source.from === "provided" ? "provided" : "generated");
    return {
      name,
      source,
      status: found ? "present" : source === "provided" ? "missing" : "made at up",
      usedBy: wanted?.usedBy ?? [],
      version: current?.version ?? null,
      createdTimestamp: iso(current?.createdAt ?? null),
    };
  });
  if (format === "jsonl") return void stdout.write(rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  if (format === "json") return void stdout.write(`${JSON.stringify({ secrets: rows }, null, 2)}\n`);
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
