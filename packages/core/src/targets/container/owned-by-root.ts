import type { ContainerFacet, ContainerMount } from "../../model/container.ts";

/** Mounts of volumes that an engine makes root's, though the container runs as another user. */
export function ownedByRoot({ user, mounts }: Pick<ContainerFacet, "user" | "mounts">): readonly ContainerMount[] {
  return user.uid === 0 ? [] : mounts.filter(({ ownedByImage }) => !ownedByImage);
}
