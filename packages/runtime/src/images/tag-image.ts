import { CaissonError, type ResolvedStack } from "@caisson/core/run";
import { engine } from "../drivers/docker/engine.ts";
import { stackImage } from "./stack-image.ts";

/** Gives the engine's image of a stack's programs its name in a registry. Throws E_IMAGE where it is not built. */
export async function tagImage(
  stack: ResolvedStack,
  programs: Readonly<Record<string, string>>,
  registry: string,
): Promise<string> {
  const docker = await engine();
  const { reference } = stackImage(stack, programs);
  const pushed = stackImage(stack, programs, registry).reference;
  const [, repo = "", tag = ""] = /^(.*):([^:]*)$/.exec(pushed) ?? [];
  await docker
    .getImage(reference)
    .tag({ repo, tag })
    .catch((cause: unknown) => {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new CaissonError("E_IMAGE", `${reference} could not be named ${pushed}: ${why}`, {
        cause,
        hint: "`caisson build` makes it.",
      });
    });
  return pushed;
}
