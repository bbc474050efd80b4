import { CaissonError, type ResolvedStack } from "@caisson/core";
import { engineSocket } from "@caisson/core/run";
import { tagImage } from "@caisson/runtime/containers";
import { registry } from "../args/value-types.ts";
import { findProgram } from "../child/find-program.ts";
import { runChild } from "../child/run-child.ts";
import type { Context } from "../context.ts";
import { usageError } from "../errors/command-error.ts";

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
  if (findProgram("docker", context.env["PATH"] ?? "") === undefined)
    throw new CaissonError("E_DOCKER", "expected the program docker on the PATH, found none", {
      hint: "It pushes, for it knows your logins: install the engine's client.",
    });
  const name = await tagImage(stack, programs, to);
  const code = await runChild(context, {
    argv: ["docker", "push", name],
    cwd: context.cwd,
    // The engine that was asked until now, whatever context its client has chosen.
    env: { DOCKER_HOST: `unix://${engineSocket}`, ...context.env },
  });
  if (code !== 0)
    throw new CaissonError("E_IMAGE", `${name} could not be pushed: docker push ended with exit code ${code}`, {
      hint: "`docker login` for a registry that wants one.",
    });
}
