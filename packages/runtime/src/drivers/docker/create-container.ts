import type Dockerode from "dockerode";
import { CaissonError } from "@caisson/core/run";
import type { RunSpec } from "../driver.ts";
import type { ContainerOptions } from "./container-options.ts";
import { isStatus } from "./is-status.ts";

/** Makes the container of a run and joins its networks. Throws E_PROGRAM_NOT_FOUND, E_IMAGE, E_NETWORKS or E_DOCKER. */
export async function createContainer(
  docker: Dockerode,
  spec: RunSpec,
  { options, more }: ContainerOptions,
): Promise<Dockerode.Container> {
  try {
    const container = await docker.createContainer(options).catch(async (error: unknown) => {
      // The generation before still has the name; it goes when that one has ended.
      if (!isStatus(error, 409)) throw error;
      return await docker.createContainer({ ...options, name: `${options.name}-${spec.marker.split("/").at(-1)}` });
    });
    await requireProgram(container, spec);
    for (const { name, aliases } of more)
      await docker.getNetwork(name).connect({ Container: container.id, EndpointConfig: { Aliases: [...aliases] } });
    return container;
  } catch (error) {
    throw startError(spec, error);
  }
}

/** With a reaper before it the engine starts in any case, and a program that is not there would be a crash like any other. */
async function requireProgram(container: Dockerode.Container, { argv, container: run }: RunSpec): Promise<void> {
  const program = run?.entrypoint?.[0] ?? argv[0];
  if (run?.init !== true || program?.startsWith("/") !== true) return;
  try {
    await container.infoArchive({ path: program });
  } catch (error) {
    await container.remove({ force: true, v: true });
    if (!isStatus(error, 404)) throw error;
    throw new CaissonError(
      "E_PROGRAM_NOT_FOUND",
      `expected ${program} in the image ${run.image}, which has no such file`,
    );
  }
}

/** Why a run could not start, of what the engine said. */
export function startError(spec: RunSpec, error: unknown): unknown {
  const [, said] = /\(HTTP code \d+\) [^-]*- (.*)/s.exec(error instanceof Error ? error.message : "") ?? [];
  if (said === undefined) return error;
  const program = /executable file not found|no such file or directory: unknown|exec: .* not found/.test(said);
  if (program)
    return new CaissonError(
      "E_PROGRAM_NOT_FOUND",
      `expected ${spec.argv[0] ?? "a program"} in its image, got: ${said.trim()}`,
    );
  if (/no available (IPv4 )?addresses/i.test(said))
    return new CaissonError(
      "E_NETWORKS",
      `the engine refused ${spec.container?.name ?? "a container"}: ${said.trim()}`,
      {
        hint: "Its network was made for fewer replicas: `caisson down`, then `caisson up`, makes it anew.",
      },
    );
  if (/No such image/.test(said))
    return new CaissonError("E_IMAGE", `the engine has no image ${spec.container?.image ?? ""}`);
  return new CaissonError("E_DOCKER", `the engine refused ${spec.container?.name ?? "a container"}: ${said.trim()}`);
}
