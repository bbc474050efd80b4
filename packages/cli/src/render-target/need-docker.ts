import { CaissonError } from "@caisson/core";
import { engineSocket } from "@caisson/core/run";
import { findProgram } from "../child/find-program.ts";
import type { Context } from "../context.ts";

/** The environment for the engine's client: the engine that we ask, whatever context it has chosen. Throws E_DOCKER without one. */
export function needDocker({ env }: Context, why: string): Readonly<Record<string, string | undefined>> {
  if (findProgram("docker", env["PATH"] ?? "") === undefined)
    throw new CaissonError("E_DOCKER", "expected the program docker on the PATH, found none", {
      hint: `${why}: install the engine's client.`,
    });
  return { DOCKER_HOST: `unix://${engineSocket}`, ...env };
}
