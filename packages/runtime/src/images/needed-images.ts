import { containerLaunches, type ResolvedStack } from "@caisson/core/run";
import { engine } from "../drivers/docker/engine.ts";
import { imageNames } from "./image-names.ts";
import { stackImage } from "./stack-image.ts";

/** An image that a stack's containers are made of. */
export interface NeededImage {
  readonly reference: string;
  /** Resources that run in it. */
  readonly usedBy: readonly string[];
  /** `true`: the stack's own programs, which `caisson build` makes. */
  readonly own: boolean;
  /** Absent: the engine has it not. */
  readonly bytes?: number;
  /** `true`: the engine's stands for the official one. */
  readonly dropIn: boolean;
}

/** The images of a stack, each once, with what the host's engine has of them. */
export async function neededImages(
  stack: ResolvedStack,
  programs: Readonly<Record<string, string>>,
): Promise<readonly NeededImage[]> {
  const docker = await engine();
  const there = await docker.listImages();
  const uses = [...containerLaunches(stack, stackImage(stack, programs))].flatMap(([name, { container }]) =>
    container ? [{ name, ...container }] : [],
  );
  return [...Map.groupBy(uses, ({ image }) => image)].map(([reference, of]) => {
    const names = imageNames(reference);
    const found = there.find(({ RepoTags, RepoDigests }) =>
      [...(RepoTags ?? []), ...(RepoDigests ?? [])].some((each) => names.includes(each)),
    );
    return {
      reference,
      usedBy: of.map(({ name }) => name),
      own: of.some(({ ownImage }) => ownImage),
      ...(found && { bytes: found.Size }),
      dropIn: found?.Labels?.["caisson.drop-in"] === "true",
    };
  });
}
