import type { ContainerFacet } from "./container.ts";

/** Where the engine's socket usually is, in a container's paths of its host: it stands for wherever it really is. */
export const engineSocket = "/var/run/docker.sock";

/** Three files of 10 MB. */
const defaultLog = { maxBytes: 10 * 1024 ** 2, files: 3 };

/** A container facet with everything but what it must say at its closed default. */
export function containerFacet(
  facet: Pick<ContainerFacet, "image" | "user"> & Partial<ContainerFacet>,
): ContainerFacet {
  return {
    command: [],
    env: {},
    readOnlyRoot: true,
    tmpfs: [],
    capAdd: [],
    mounts: [],
    files: {},
    hostPaths: [],
    ports: {},
    ulimits: {},
    init: false,
    log: defaultLog,
    ...facet,
  };
}
