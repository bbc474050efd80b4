import { resolve } from "node:path";
import { loadImages, neededImages, saveImages, type NeededImage } from "@caisson/runtime/containers";
import type { Context } from "../context.ts";
import { CommandError, usageError } from "../errors/command-error.ts";
import { openStack } from "../project/open.ts";
import { fitting, tableLines } from "../render/table.ts";
import { bytes } from "../render/time.ts";
import { buildImages } from "./build-images.ts";
import { pushImage } from "./push-image.ts";
import type { ImagesArguments } from "../verbs/images.ts";

/** Lists, saves, loads, pushes or builds. */
export async function runImages(context: Context, { flags, words }: ImagesArguments): Promise<void> {
  const [action = "list", file, extra] = words;
  if (action === "build") return buildImages(context, words.slice(1));
  if (action === "list" && file !== undefined) throw usageError(`\`caisson images list\` takes no name, got ${file}`);
  if (action !== "list" && file === undefined)
    throw new CommandError(
      "E_ARGUMENT",
      `\`caisson images ${action}\` wants the ${action === "push" ? "REGISTRY" : "FILE"}`,
    );
  if (extra !== undefined) throw usageError(`\`caisson images ${action}\` takes one name, got ${extra} too`);
  if (action === "load") {
    for (const name of await loadImages(resolve(context.cwd, file ?? ""))) context.stdout.write(`${name}\n`);
    return;
  }
  const open = await openStack(context, flags);
  const stack = await open.resolve(flags);
  const programs = await open.programHashes(stack);
  if (action === "push") return pushImage(context, file ?? "", stack, programs);
  const needed = await neededImages(stack, programs);
  if (action === "list") return list(context, needed, flags.format);
  const missing = needed.filter((each) => each.bytes === undefined);
  if (missing.length > 0)
    throw new CommandError("E_IMAGE", `the engine has no ${missing.map((each) => each.reference).join(", ")}`, {
      hint: "`caisson build` makes the stack's own, `docker pull` fetches the others.",
    });
  const references = needed.map((each) => each.reference);
  await saveImages(references, resolve(context.cwd, file ?? ""));
  context.stderr.write(`${references.length} images in ${file}\n`);
}

function list({ stdout }: Context, needed: readonly NeededImage[], format: ImagesArguments["flags"]["format"]): void {
  if (format === "jsonl") return void stdout.write(needed.map((each) => `${JSON.stringify(each)}\n`).join(""));
  if (format === "json") return void stdout.write(`${JSON.stringify({ images: needed }, null, 2)}\n`);
  const columns = [
    { title: "IMAGE" },
    { title: "SIZE", align: "right" },
    { title: "NOTE" },
    { title: "USED BY", min: 12 },
  ] as const;
  const rows = needed.map((each) => [
    each.reference,
    each.bytes === undefined ? { text: "missing", tone: "bad" as const } : bytes(each.bytes),
    each.own ? "built here" : each.dropIn ? "drop-in" : "",
    each.usedBy.join(", "),
  ]);
  if (rows.length > 0) stdout.write(`${tableLines(columns, rows, fitting(stdout)).join("\n")}\n`);
}
