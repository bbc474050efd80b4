import { existsSync, readdirSync } from "node:fs";
import { findPackageJSON } from "node:module";
import { dirname, join } from "node:path";
import { CaissonError, imageReference, release, type PartName } from "@caisson/core";
import { engine } from "@caisson/runtime/containers";
import { findProgram } from "../child/find-program.ts";
import { runChild } from "../child/run-child.ts";
import type { Context } from "../context.ts";
import { usageError } from "../errors/command-error.ts";
import { needDocker } from "./need-docker.ts";

/** Builds images that stand for official ones, by the script beside their Dockerfiles; it prints the name of each. */
export async function buildImages(context: Context, names: readonly string[]): Promise<void> {
  const folder = imagesFolder();
  const known = readdirSync(folder, { withFileTypes: true })
    .flatMap((each) => (each.isDirectory() ? [each.name] : []))
    .sort();
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw usageError(`expected parts that can be built from Debian's packages (${known.join(", ")}), got ${unknown}`, {
      suggest: { word: unknown, among: known },
    });
  needDebian(context);
  const env = needDocker(context, "It builds the images");
  await engine();
  const wanted = names.length > 0 ? names : known;
  const code = await runChild(context, {
    argv: ["bash", join(folder, "build.sh"), ...wanted.map(named)],
    cwd: context.cwd,
    env,
  });
  if (code !== 0)
    throw new CaissonError("E_IMAGE", `not all images could be built: the script ended with exit code ${code}`, {
      hint: "It said above of each what stood in the way.",
    });
}

/** Of the repository; a published package has them with it. */
function imagesFolder(): string {
  const own = dirname(findPackageJSON(import.meta.url) ?? "");
  const beside = join(own, "images");
  return existsSync(beside) ? beside : join(own, "../../images");
}

function named(part: string): string {
  // Its folder is named after it: a test looks.
  const { image, tag } = release(part as PartName);
  return `${part}=${imageReference({ image, tag })}`;
}

function needDebian({ env }: Context): void {
  const lacking = ["apt-get", "dpkg"].filter((program) => findProgram(program, env["PATH"] ?? "") === undefined);
  if (lacking.length > 0)
    throw new CaissonError("E_IMAGE", `expected a host with Debian's programs, found no ${lacking.join(" and no ")}`, {
      hint: "Build them on a Debian host and bring them here: `caisson images save FILE` there, `caisson images load FILE` here.",
    });
  if (process.getuid?.() !== 0)
    throw new CaissonError("E_IMAGE", `expected to run as root, got user ${String(process.getuid?.())}`, {
      hint: "What is in the images belongs to root: run the same command with sudo.",
    });
}
