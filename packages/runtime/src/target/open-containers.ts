import type { DockerTargetParts } from "./docker-target.ts";
import type { ContainerTarget } from "./target.ts";

/** The engine's library is loaded by stacks that run on one only. Throws E_DOCKER where none answers. */
export async function openContainers(parts: Omit<DockerTargetParts, "docker">): Promise<ContainerTarget> {
  const [{ default: Docker }, { dockerTarget }] = await Promise.all([
    import("dockerode"),
    import("./docker-target.ts"),
  ]);
  const target = dockerTarget({ ...parts, docker: new Docker() });
  await target.refresh(new Map(), { fetch: false });
  return target;
}
