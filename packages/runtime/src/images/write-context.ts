import { chmodSync, cpSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { borrowedPrograms, type ResolvedStack } from "@caisson/core/run";
import { moduleFilePath } from "../load/relative-modules.ts";
import { ownProgram } from "../host/own-program.ts";
import { programFiles } from "./program-files.ts";
import { baseImage, imageRoot, toolsFolder, toolsRoot } from "./stack-image.ts";

/**
 * Writes what the image of a stack's programs is built from into a folder that is empty or not there: a Dockerfile and
 * `app/`, with the programs' import graphs, the packages they are installed with on this machine, and nothing else.
 */
export function writeContext(stack: ResolvedStack, root: string, folder: string): void {
  const own = new Set(
    stack.resources.flatMap(({ program, pod }) => [
      ...(program?.runtime.kind === "builtin" ? [program.runtime.name] : []),
      ...(pod ? ["pod" as const] : []),
    ]),
  );
  const sources = stack.resources.flatMap(({ program, sources: files }) =>
    program?.runtime.kind === "builtin" ? [] : files.map((each) => moduleFilePath(each, root)),
  );
  const app = join(folder, "app");
  mkdirSync(app, { recursive: true });
  if (sources.length > 0) copy(sources, root, app);
  if (own.size > 0) copy([...own].map(ownProgram), toolsRoot(), join(app, toolsFolder));
  openToRead(app);
  const borrowed = borrowedPrograms(stack.resources).map(
    ({ image, program, check }) =>
      `COPY --from=${image} ${program} ${program}\nRUN ${JSON.stringify([program, ...check])}\n`,
  );
  writeFileSync(
    join(folder, "Dockerfile"),
    `FROM ${baseImage()}\n${borrowed.join("")}COPY app ${imageRoot}\nWORKDIR ${imageRoot}\nUSER 1000:1000\n`,
  );
}

function copy(mains: readonly string[], root: string, to: string): void {
  const { files, packages, links } = programFiles(mains, root);
  for (const path of files) {
    mkdirSync(dirname(join(to, path)), { recursive: true });
    cpSync(join(root, path), join(to, path), { dereference: true });
  }
  // Outer before inner: a package that is inside another's folder came with that.
  for (const path of packages) {
    if (statSync(join(to, path), { throwIfNoEntry: false })) continue;
    cpSync(join(root, path), join(to, path), { recursive: true, verbatimSymlinks: true, filter: needed });
  }
  for (const [path, target] of links) {
    const link = join(to, path);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(relative(dirname(link), join(to, target)), link);
  }
}

/** The image's user reads what another owns: modes of this machine, and its umask, are not taken along. */
function openToRead(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) openToRead(path);
    else if (entry.isFile()) chmodSync(path, (statSync(path).mode & 0o111) === 0 ? 0o644 : 0o755);
  }
}

/** What no program reads. */
function needed(path: string): boolean {
  return !/\.(?:md|map|d\.[cm]?ts)$|\/(?:test|tests|docs|example|examples|\.github)$/.test(path);
}
