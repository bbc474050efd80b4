import { createHash } from "node:crypto";
import { dirname, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { borrowedPrograms, imageReference, release, type ResolvedStack, type StackImage } from "@caisson/core/run";
import { projectRoot } from "../load/project-root.ts";
import { ownProgram } from "../host/own-program.ts";

/** Where the stack's sources are in its image, and ours. */
export const imageRoot = "/app";
export const toolsFolder = "caisson";

/** The root of what ships the programs of ours, as the image has it below {@link toolsFolder}. */
export function toolsRoot(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  const root = projectRoot(here);
  if (root === undefined) throw new Error(`no package.json above ${here}`);
  return root;
}

/**
 * The image with a stack's programs: named by a hash of all that is in it, with the place of each program of ours. Whose the
 * programs are is no part of it: a profile that adds another resource of the same ones needs no other image. With a registry
 * (`host:port/path`) by its name there.
 */
export function stackImage(
  { name, resources }: Pick<ResolvedStack, "name" | "resources">,
  programs: Readonly<Record<string, string>>,
  registry?: string,
): StackImage {
  const sources = [...new Set(Object.values(programs))].sort();
  const hash = createHash("sha256")
    .update(JSON.stringify([baseImage(), sources, borrowedPrograms(resources)]))
    .digest("hex")
    .slice(0, 12);
  const inImage = (program: "provision" | "pod"): string =>
    `${imageRoot}/${toolsFolder}/${relative(toolsRoot(), ownProgram(program)).split(sep).join("/")}`;
  return {
    reference: `${registry === undefined ? "" : `${registry}/`}caisson/${name}:${hash}`,
    ...(registry !== undefined && { pushed: true }),
    root: imageRoot,
    builtins: { provision: inImage("provision"), pod: inImage("pod") },
  };
}

/** What it is built on. */
export function baseImage(): string {
  return imageReference(release("node"));
}
