import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { CaissonError, type ObservedVolume } from "@caisson/core/run";
import { chownTree } from "../host/chown-tree.ts";
import { readStamp, writeStamp, type Stamp } from "../state/stamp.ts";
import type { GenerationRecord } from "./records.ts";

/** The data of a stack: one folder a volume, stamped with whose it is. */
export interface Volumes {
  folder(resource: string, volume: string): string;
  exists(resource: string, volume: string): boolean;
  stamp(resource: string, volume: string): Stamp | undefined;
  /** Looks again, where looking takes a while; the others tell what was found. */
  refresh(): Promise<void>;
  observe(): readonly ObservedVolume[];
  create(record: GenerationRecord, volume: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  remove(resource: string): Promise<void>;
}

/** What `volumes` is given to fill a new volume: runs a prepare command with the volume's folder replaced. */
export interface VolumeWorld {
  readonly root: string;
  readonly instance: string;
  readonly owner: { readonly uid: number; readonly gid: number } | undefined;
  readonly secretVersions: (record: GenerationRecord) => Readonly<Record<string, string>>;
  readonly prepare: (record: GenerationRecord, volume: string, staging: string) => Promise<void>;
}

/**
 * Volumes are made in a staging folder that is renamed when all is in it, stamp included: a crash in the middle of
 * `initdb` leaves no half database behind, only a staging folder that the next try removes.
 */
export function volumes({ root, instance, owner, secretVersions, prepare }: VolumeWorld): Volumes {
  const folder = (resource: string, volume: string): string => volumeFolder(root, resource, volume);
  const make = async (record: GenerationRecord, volume: string, target: string): Promise<void> => {
    const { name, component, volumes: declared } = record.resource;
    if (existsSync(target))
      throw new CaissonError("E_VOLUME", `expected no data for ${name}/${volume} yet, found ${target}`);
    const staging = `${target}.new`;
    rmSync(staging, { recursive: true, force: true });
    mkdirSync(dirname(staging), { recursive: true, mode: 0o711 });
    mkdirSync(staging, { mode: 0o700 });
    if (owner && record.launch.user === "service") chownTree(staging, owner);
    await prepare(record, volume, staging);
    writeStamp(staging, {
      instance,
      id: randomUUID(),
      resource: name,
      component,
      dataMajor: declared.find((each) => each.name === volume)?.dataMajor ?? 0,
      secretVersions: secretVersions(record),
    });
    if (owner && record.launch.user === "service") chownTree(staging, owner);
    renameSync(staging, target);
  };
  /** Under way, by target: two `up`s at once want the same one, and would clear each other's staging folder away. */
  const making = new Map<string, Promise<void>>();
  return {
    folder,
    exists: (resource, volume) => existsSync(folder(resource, volume)),
    stamp: (resource, volume) => readStamp(folder(resource, volume)),
    refresh: () => Promise.resolve(),
    observe: () => observeVolumes(root),
    create(record, volume) {
      const target = folder(record.resource.name, volume);
      const made = making.get(target) ?? make(record, volume, target).finally(() => making.delete(target));
      making.set(target, made);
      return made;
    },
    async rename(from, to) {
      renameSync(join(root, from), join(root, to));
      for (const name of folders(join(root, to))) {
        const stamp = readStamp(folder(to, name));
        if (stamp) writeStamp(folder(to, name), { ...stamp, resource: to });
      }
    },
    remove: async (resource) => rmSync(join(root, resource), { recursive: true, force: true }),
  };
}

/** Where a volume is, below the folder of all data. */
export function volumeFolder(root: string, resource: string, volume: string): string {
  return join(root, resource, volume);
}

/** Every stamped volume below the folder of all data. */
export function observeVolumes(root: string): readonly ObservedVolume[] {
  return folders(root).flatMap((resource) =>
    folders(join(root, resource)).flatMap((name) => observed(volumeFolder(root, resource, name), resource, name) ?? []),
  );
}

function observed(folder: string, resource: string, name: string): ObservedVolume | undefined {
  const stamp = readStamp(folder);
  return (
    stamp && {
      resource,
      name,
      id: stamp.id,
      dataMajor: stamp.dataMajor,
      component: stamp.component,
      instance: stamp.instance,
    }
  );
}

function folders(path: string): string[] {
  if (!existsSync(path)) return [];
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.endsWith(".new"))
    .map((entry) => entry.name);
}
