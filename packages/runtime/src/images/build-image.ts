import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type Dockerode from "dockerode";
import { borrowedPrograms, CaissonError, type ResolvedStack } from "@caisson/core/run";
import { engine } from "../drivers/docker/engine.ts";
import { progress } from "../drivers/docker/progress.ts";
import { has, namesIn } from "./image-names.ts";
import { pullImages, type Fetching } from "./pull-images.ts";
import { baseImage, stackImage } from "./stack-image.ts";
import { writeContext } from "./write-context.ts";

/** An image with a stack's programs, and what came of building it. */
export interface BuiltImage {
  readonly reference: string;
  /** `false`: it was there already, for its name is a hash of all that is in it. */
  readonly built: boolean;
  readonly bytes: number;
}

/**
 * Builds the image of a stack's programs through the Engine API, unless it is there. Throws E_IMAGE, also for one it is made of
 * that is not to be had.
 */
export async function buildImage(
  stack: ResolvedStack,
  root: string,
  programs: Readonly<Record<string, string>>,
  fetching: Fetching,
): Promise<BuiltImage> {
  const docker = await engine();
  const { reference } = stackImage(stack, programs);
  const size = async (): Promise<number | undefined> => {
    const [found] = await docker.listImages({ filters: { reference: [reference] } });
    return found?.Size;
  };
  const before = await size();
  if (before !== undefined) return { reference, built: false, bytes: before };
  await fetchParts(docker, stack, fetching);
  const folder = mkdtempSync(join(tmpdir(), "caisson-build-"));
  try {
    writeContext(stack, root, folder);
    const stream = await docker.buildImage(
      { context: folder, src: ["Dockerfile", "app"] },
      { t: reference, labels: { "caisson.stack": stack.name } },
    );
    await progress(docker, stream).catch((cause: Error) => {
      throw new CaissonError("E_IMAGE", `${reference} could not be built: ${cause.message}`, { cause });
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return { reference, built: true, bytes: (await size()) ?? 0 };
}

/** The engine's own fetching for a build has neither an end nor words that get here. */
async function fetchParts(docker: Dockerode, { resources }: ResolvedStack, fetching: Fetching): Promise<void> {
  const there = await namesIn(docker);
  const parts = [baseImage(), ...borrowedPrograms(resources).map(({ image }) => image)];
  const lacking = parts.filter((image) => !has(there, image));
  const refused = await pullImages(docker, new Set(lacking), fetching);
  if (refused.size > 0) throw new CaissonError("E_IMAGE", [...refused.values()].join("\n"));
}
