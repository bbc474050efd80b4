import type Dockerode from "dockerode";
import { isStatus } from "./is-status.ts";
import { label } from "./labels.ts";

/** The networks of one stack in an engine. */
export interface DockerNetworks {
  nameOf(network: string): string;
  /** Makes what is missing. */
  ensure(wanted: readonly { readonly name: string; readonly internal: boolean }[]): Promise<void>;
  remove(): Promise<void>;
}

export function dockerNetworks(docker: Dockerode, project: string, instance: string): DockerNetworks {
  const made = new Map<string, Promise<void>>();
  const nameOf = (network: string): string => `${project}_${network}`;
  const own = { label: [`${label.instance}=${instance}`] };
  const make = async (name: string, internal: boolean): Promise<void> => {
    const found = await docker.listNetworks({ filters: { ...own, name: [nameOf(name)] } });
    if (found.some(({ Name }) => Name === nameOf(name))) return;
    await docker.createNetwork({
      Name: nameOf(name),
      Driver: "bridge",
      Internal: internal,
      CheckDuplicate: true,
      Labels: { [label.instance]: instance, [label.project]: project, [label.network]: name },
    });
  };
  return {
    nameOf,
    async ensure(wanted) {
      await Promise.all(
        wanted.map(({ name, internal }) => {
          const known = made.get(name) ?? make(name, internal);
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
