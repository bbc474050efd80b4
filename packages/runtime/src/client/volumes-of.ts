import { observeVolumes, volumeFolder } from "../agent/volumes.ts";
import { readInstance } from "../state/instance.ts";
import { instanceLayout } from "../state/layout.ts";
import { projectLayout } from "./project-layout.ts";
import type { Project } from "./project.ts";

/** A project's data folders, whether its agent runs or not. */
export function volumesOf(project: Project): readonly { resource: string; volume: string; path: string }[] {
  const layout = projectLayout(project);
  const found = readInstance(layout.stateFolder);
  if (!found) return [];
  const { data } = instanceLayout(layout, found.instance);
  return observeVolumes(data).map(({ resource, name }) => ({
    resource,
    volume: name,
    path: volumeFolder(data, resource, name),
  }));
}
