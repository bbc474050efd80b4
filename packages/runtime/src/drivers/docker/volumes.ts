import { randomUUID } from "node:crypto";
import type Dockerode from "dockerode";
import { CaissonError, ownedByRoot } from "@caisson/core/run";
import type { GenerationRecord } from "../../agent/records.ts";
import type { Volumes } from "../../agent/volumes.ts";
import type { Stamp } from "../../state/stamp.ts";
import { giveVolume } from "./give-volume.ts";
import { isStatus } from "./is-status.ts";
import { label } from "./labels.ts";

interface Parts {
  readonly docker: Dockerode;
  readonly project: string;
  readonly instance: string;
  readonly secretVersions: (record: GenerationRecord) => Readonly<Record<string, string>>;
}

interface Known {
  readonly name: string;
  readonly volume: string;
  readonly stamp: Stamp;
}

/** The data of a stack as volumes of an engine, each stamped in a label. What is known is as of the last `refresh`. */
export function dockerVolumes({ docker, project, instance, secretVersions }: Parts): Volumes {
  const known = new Map<string, Known>();
  const nameOf = (resource: string, volume: string): string => `${project}_${resource}-${volume}`;
  const create = async (record: GenerationRecord, volume: string): Promise<void> => {
    const { name: resource, component, volumes } = record.resource;
    const name = nameOf(resource, volume);
    const stamp: Stamp = {
      instance,
      id: randomUUID(),
      resource,
      component,
      dataMajor: volumes.find((each) => each.name === volume)?.dataMajor ?? 0,
      secretVersions: secretVersions(record),
    };
    const labels = {
      [label.instance]: instance,
      [label.project]: project,
      [label.volume]: `${resource}-${volume}`,
      [label.stamp]: JSON.stringify({ ...stamp, volume }),
    };
    await docker.createVolume({ Name: name, Labels: labels });
    const { container } = record.launch;
    if (container && ownedByRoot(container).some((mount) => mount.volume === volume)) {
      const { image, user } = container;
      await giveVolume(docker, { instance, volume: name, image, user }).catch(async (error: unknown) => {
        await docker.getVolume(name).remove();
        throw error;
      });
    }
    known.set(name, { name, volume, stamp });
  };
  return {
    folder: nameOf,
    exists: (resource, volume) => known.has(nameOf(resource, volume)),
    stamp: (resource, volume) => known.get(nameOf(resource, volume))?.stamp,
    observe: () =>
      [...known.values()].map(({ volume, stamp: { resource, id, dataMajor, component, instance: owner } }) => ({
        resource,
        name: volume,
        id,
        dataMajor,
        component,
        instance: owner,
      })),
    async refresh() {
      const { Volumes: found } = await docker.listVolumes({ filters: { label: [`${label.instance}=${instance}`] } });
      known.clear();
      for (const { Name, Labels } of found ?? []) {
        const text = Labels?.[label.stamp];
        if (text === undefined) continue;
        // Written by `create`.
        const { volume, ...stamp } = JSON.parse(text) as Stamp & { volume: string };
        known.set(Name, { name: Name, volume, stamp });
      }
    },
    async create(record, volume) {
      if (known.has(nameOf(record.resource.name, volume)))
        throw new CaissonError("E_VOLUME", `expected no data for ${record.resource.name}/${volume} yet, found some`);
      await create(record, volume);
    },
    rename: (from, to) =>
      Promise.reject(
        new CaissonError("E_NOT_IMPLEMENTED", `renaming the data of ${from} to ${to} in an engine is not built yet`),
      ),
    async remove(resource) {
      for (const [name, { stamp }] of known) {
        if (stamp.resource !== resource) continue;
        try {
          await docker.getVolume(name).remove();
        } catch (error) {
          if (!isStatus(error, 404)) throw error;
        }
        known.delete(name);
      }
    },
  };
}
