import type Dockerode from "dockerode";
import { CaissonError, type ContainerNetwork } from "@caisson/core/run";
import { hostRoutes } from "./host-routes.ts";
import { isStatus } from "./is-status.ts";
import { label } from "./labels.ts";
import { freeSubnet, parseSubnet, subnetText, type Subnet } from "./subnets.ts";

/** The networks of one stack in an engine. */
export interface DockerNetworks {
  nameOf(network: string): string;
  /** Makes what is missing. Throws E_NETWORKS where the pool has no room left. */
  ensure(wanted: readonly ContainerNetwork[]): Promise<void>;
  remove(): Promise<void>;
}

/** Networks as small as their members let them be, out of a pool of their own: an engine's pools have some thirty networks. */
export function dockerNetworks(
  docker: Dockerode,
  {
    project,
    instance,
    pools,
  }: { readonly project: string; readonly instance: string; readonly pools: readonly Subnet[] },
): DockerNetworks {
  const made = new Map<string, Promise<void>>();
  /** What was given away here, or was found to be somebody's by trying. */
  const given: Subnet[] = [];
  const nameOf = (network: string): string => `${project}_${network}`;
  const own = { label: [`${label.instance}=${instance}`] };
  const make = async (network: ContainerNetwork): Promise<void> => {
    const name = nameOf(network.name);
    const all = await docker.listNetworks();
    if (all.some(({ Name, Labels }) => Name === name && Labels?.[label.instance] === instance)) return;
    const subnet = freeSubnet(pools, [...all.flatMap(subnetsOf), ...hostRoutes(), ...given], network.members);
    if (!subnet)
      throw new CaissonError(
        "E_NETWORKS",
        `expected room for ${network.members} containers of ${name} in ${pools.map(subnetText).join(", ")}, all of it is taken`,
      );
    given.push(subnet);
    try {
      await docker.createNetwork({
        Name: name,
        Driver: "bridge",
        Internal: network.internal,
        CheckDuplicate: true,
        IPAM: { Driver: "default", Config: [{ Subnet: subnetText(subnet) }] },
        Labels: { [label.instance]: instance, [label.project]: project, [label.network]: network.name },
      });
    } catch (error) {
      // Another stack was faster, or something that no list tells of is there.
      if (error instanceof Error && /overlaps/.test(error.message)) return make(network);
      throw error;
    }
  };
  return {
    nameOf,
    async ensure(wanted) {
      await Promise.all(
        wanted.map((network) => {
          const { name } = network;
          const known = made.get(name) ?? make(network);
          made.set(name, known);
          // What failed is tried again by the next start.
          return known.catch((error: unknown) => {
            made.delete(name);
            throw error;
          });
        }),
      );
    },
    async remove() {
      made.clear();
      given.length = 0;
      for (const { Id } of await docker.listNetworks({ filters: own })) {
        try {
          await docker.getNetwork(Id).remove();
        } catch (error) {
          // 403: somebody else's container is on it, and it is theirs to leave.
          if (!isStatus(error, 404) && !isStatus(error, 403)) throw error;
        }
      }
    },
  };
}

function subnetsOf({ IPAM }: Dockerode.NetworkInspectInfo): Subnet[] {
  return (IPAM?.Config ?? []).flatMap(({ Subnet: text = "" }) => parseSubnet(text) ?? []);
}
