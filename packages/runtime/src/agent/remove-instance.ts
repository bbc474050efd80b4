import { rmSync } from "node:fs";
import type { InstanceLayout } from "../state/layout.ts";

/** Removes what an instance has on this host besides its state and its secrets: data, logs, files, binaries. */
export function removeInstance(instance: InstanceLayout, stateFolder: string): void {
  const { folder, binaries, data, files, runs, logs } = instance;
  // As root it has a folder of its own; otherwise these lie beside the state.
  const paths = folder === stateFolder ? [binaries, data, files, runs, logs] : [folder];
  for (const path of paths) rmSync(path, { recursive: true, force: true });
}
