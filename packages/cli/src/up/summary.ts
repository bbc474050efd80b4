import type { ResourcesDocument, ResourceView } from "@caisson/runtime";
import type { Context } from "../context.ts";
import { unasked } from "../project/skipped.ts";
import { standing } from "../project/settled.ts";
import { addressOf } from "../render/resources.ts";
import { tint } from "../render/style.ts";
import { fitting, tableLines } from "../render/table.ts";
import type { Applied } from "./apply.ts";

/** What an `up` ends with: what failed and why, where to go, who logs in with which secret, and what took how long. */
export async function printSummary(
  context: Context,
  { resources, skipped }: ResourcesDocument,
  result: Applied,
  begun: number,
): Promise<void> {
  const { stdout, stderr } = context;
  for (const { name, reason } of unasked(skipped))
    stderr.write(tint(`skipped ${name}: ${reason}\n`, "dim", stderr.color));
  for (const { resource, reason } of result.failed)
    stderr.write(`${tint("failed", "bad", stderr.color)}: ${resource}: ${reason}\n`);
  if (result.failed.length > 0)
    stderr.write(`  hint: \`caisson why ${result.failed[0]?.resource ?? ""}\` tells more\n`);
  else if (result.operations === 0)
    stdout.write(`nothing to do: ${resources.length} resources are as they should be\n`);
  const lines = [
    ...urlLines(resources, stdout),
    ...loginLines(resources, stdout),
    ...(result.changed.length > 0 ? await waterfallLines(resources, stdout, begun) : []),
  ];
  if (lines.length > 0) stdout.write(`${lines.join("\n")}\n`);
}

function urlLines(resources: readonly ResourceView[], out: Context["stdout"]): string[] {
  const rows = resources.flatMap((view) =>
    view.urls.map((url) => [
      view.name,
      { text: url, tone: "strong" as const },
      standing(view) === "ready" ? "" : view.state,
    ]),
  );
  return rows.length === 0 ? [] : tableLines([{ title: "OPEN" }, { title: "URL" }, { title: "" }], rows, fitting(out));
}

function loginLines(resources: readonly ResourceView[], out: Context["stdout"]): string[] {
  const rows = resources.flatMap((view) =>
    view.logins.map(({ user, secret }) => [view.name, addressOf(view), user, secret]),
  );
  if (rows.length === 0) return [];
  const columns = [
    { title: "LOG IN" },
    { title: "AT", drop: 1 },
    { title: "USER" },
    { title: "SECRET (caisson secret get NAME)" },
  ];
  return tableLines(columns, rows, fitting(out));
}

/** How long each took that was started now, and the chain that decided how long all took. */
async function waterfallLines(
  resources: readonly ResourceView[],
  out: Context["stdout"],
  begun: number,
): Promise<string[]> {
  const timings = resources.flatMap(({ name, state, startedAt, readyAt, since }) =>
    startedAt === null || startedAt < begun
      ? []
      : [{ name, spawnedAt: startedAt, readyAt: readyAt ?? (state === "Completed" ? since : null) }],
  );
  if (timings.length < 2) return [];
  const needs = resources.flatMap(({ name, needs: names }) => names.map((to) => ({ from: name, to })));
  const { waterfall, waterfallText } = await import("@caisson/core/run");
  return waterfallText(waterfall(timings, needs), Math.min(100, out.isTTY ? out.size().columns : 80)).split("\n");
}
