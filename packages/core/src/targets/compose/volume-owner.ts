import { imageReference, release } from "../../components/versions.ts";
import type { Json } from "../../model/expression.ts";
import type { Resource } from "../../model/resource.ts";
import type { ContainerLaunch } from "../container/launch.ts";
import { ownedByRoot } from "../container/owned-by-root.ts";

/** A resource's name has no dot, so this is nobody's. */
export function volumeOwnerName(resource: string): string {
  return `${resource}.volumes`;
}

/** What gives a resource's volumes to its user and ends; many images have no `chown` of their own. */
export function volumeOwner({ name }: Resource, launch: ContainerLaunch, labels: Json): Record<string, Json> {
  const { uid, gid } = launch.facet.user;
  const mounts = ownedByRoot(launch.facet);
  return {
    image: imageReference(release("busybox")),
    entrypoint: ["chown", `${uid}:${gid}`, ...mounts.map(({ path }) => path)],
    user: "0:0",
    read_only: true,
    cap_drop: ["ALL"],
    cap_add: ["CHOWN"],
    security_opt: ["no-new-privileges:true"],
    network_mode: "none",
    restart: "no",
    volumes: mounts.map(({ volume, path }) => volumeMount(name, volume, path, false)),
    labels,
  };
}

/** One with `owned` false stays empty where the image has content at its path, for with that it would be the image's user's. */
export function volumeMount(resource: string, volume: string, path: string, owned: boolean): Json {
  return {
    type: "volume",
    source: `${resource}-${volume}`,
    target: path,
    ...(!owned && { volume: { nocopy: true } }),
  };
}
