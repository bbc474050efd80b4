import { CaissonError, type ResolvedStack } from "@caisson/core";
import { tagImage } from "@caisson/runtime/containers";
import { registry } from "../args/value-types.ts";
import { runChild } from "../child/run-child.ts";
import type { Context } from "../context.ts";
import { usageError } from "../errors/command-error.ts";
import { needDocker } from "./need-docker.ts";

/** Pushes the image of the stack's programs. `docker push` does it, for it knows the logins that people have. */
export async function pushImage(
  context: Context,
  to: string,
  stack: ResolvedStack,
  programs: Readonly<Record<string, string>>,
): Promise<void> {
  if (registry.read(to) === undefined) throw usageError(`expected ${registry.expected}, got ${JSON.stringify(to)}`);
  if (stack.resources.every(({ container }) => container?.image.kind !== "stack"))
    throw new CaissonError("E_IMAGE", `${stack.name} has no programs of its own, so no image to push`);
  const env = needDocker(context, "It pushes, for it knows your logins");
  const name = await tagImage(stack, programs, to);
  const code = await runChild(context, {
    argv: ["docker", "push", name],
    cwd: context.cwd,
    env,
  });
  if (code !== 0)
    throw new CaissonError("E_IMAGE", `${name} could not be pushed: docker push ended with exit code ${code}`, {
      hint: "`docker login` for a registry that wants one.",
    });
}
