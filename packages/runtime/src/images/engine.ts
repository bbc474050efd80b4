import type Docker from "dockerode";
import { CaissonError } from "@caisson/core/run";

/** The host's engine; its library is loaded by who asks for one only. Throws E_DOCKER where none answers. */
export async function engine(): Promise<Docker> {
  const { default: Engine } = await import("dockerode");
  const docker = new Engine();
  await docker.ping().catch((cause: unknown) => {
    throw new CaissonError("E_DOCKER", `expected a Docker Engine, none answers: ${String(cause)}`, { cause });
  });
  return docker;
}
