import { engineClient } from "../drivers/docker/engine.ts";
import type { DockerTargetParts } from "./docker-target.ts";
import type { ContainerTarget } from "./target.ts";

/** The engine's library is loaded by stacks that run on one only. Throws E_DOCKER where none answers, E_NETWORKS where the pool is none. */
export async function openContainers(parts: Omit<DockerTargetParts, "docker" | "pools">): Promise<ContainerTarget> {
  const [docker, { dockerTarget }, { networkPools }] = await Promise.all([
    engineClient(),
    import("./docker-target.ts"),
    import("../drivers/docker/subnets.ts"),
  ]);
  const pools = networkPools(process.env["CAISSON_NETWORK_POOL"]);
  const target = dockerTarget({ ...parts, docker, pools });
  await target.refresh(new Map());
  return target;
}
