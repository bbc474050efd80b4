import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CaissonError, type ResolvedStack } from "@caisson/core/run";
import { engine } from "../drivers/docker/engine.ts";
import { progress } from "../drivers/docker/progress.ts";
import { stackImage } from "./stack-image.ts";
import { writeContext } from "./write-context.ts";

/** An image with a stack's programs, and what came of building it. */
export interface BuiltImage {
  readonly reference: string;
  /** `false`: it was there already, for its name is a hash of all that is in it. */
  readonly built: boolean;
  readonly bytes: number;
}

/** Builds the image of a stack's programs through the Engine API, unless it is there. */
export async function buildImage(
  stack: ResolvedStack,
  root: string,
  programs: Readonly<Record<string, string>>,
): Promise<BuiltImage> {
  const docker = await engine();
  const { reference } = stackImage(stack, programs);
  const size = async (): Promise<number | undefined> => {
    const [found] = await docker.listImages({ filters: { reference: [reference] } });
    return found?.Size;
  };
  const before = await size();
  if (before !== undefined) return { reference, built: false, bytes: before };
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
