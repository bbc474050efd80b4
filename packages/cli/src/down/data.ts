import type { Project } from "@caisson/runtime";
import { volumesOf } from "@caisson/runtime/offline";
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";

/** A volume of a stack, and how much is in it. */
export interface DataFolder {
  readonly project: Project;
  readonly resource: string;
  readonly volume: string;
  readonly path: string;
  readonly bytes: number;
}

/** All data of a project, as `down -v` would remove it. */
export async function dataOf(project: Project): Promise<readonly DataFolder[]> {
  const volumes = await volumesOf(project);
  return await Promise.all(
    volumes.map(async ({ resource, volume, path }) => ({ project, resource, volume, path, bytes: await sizeOf(path) })),
  );
}

/** Bytes on disk below a folder. A file that goes away while it is counted counts nothing. */
async function sizeOf(path: string): Promise<number> {
  const stat = await lstat(path).catch(() => undefined);
  if (stat === undefined) return 0;
  const own = stat.blocks * 512;
  if (!stat.isDirectory()) return own;
  const names = await readdir(path).catch(() => []);
  let sum = own;
  for (const name of names) sum += await sizeOf(join(path, name));
  return sum;
}
