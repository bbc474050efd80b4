import { chownSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { UnitId } from "@caisson/core/run";
import type { InstanceLayout } from "../state/layout.ts";

/** Where the parts of each resource are, below one instance's folders. */
export interface Folders {
  /** Parent of all data: one folder a resource, one in it a volume. */
  readonly volumes: string;
  readonly binaries: string;
  /** Files of one generation of a resource; secrets among them. */
  files(resource: string, generation: number): string;
  /** All files of a resource, every generation. */
  allFiles(resource: string): string;
  /** Scratch of a resource: its working folder, pid files, temporary files. */
  runtime(resource: string): string;
  /** The same, made, and given to the service user where that is who runs it. */
  makeRuntime(resource: string, user: "service" | "self"): string;
  /** Status of one run. */
  run(id: UnitId, run: string): string;
  log(resource: string, replica: number): string;
  /** Removes what a resource left besides its data and its logs. */
  forget(resource: string): void;
}

/** `owner`: whom service components run as; absent: ourselves. */
export function folders(
  layout: InstanceLayout,
  owner: { readonly uid: number; readonly gid: number } | undefined,
): Folders {
  const runtime = join(layout.runs, "work");
  const made = (path: string, mode: number): string => {
    mkdirSync(path, { recursive: true, mode });
    return path;
  };
  return {
    volumes: layout.data,
    binaries: layout.binaries,
    files: (resource, generation) => join(layout.files, resource, String(generation)),
    allFiles: (resource) => join(layout.files, resource),
    runtime: (resource) => join(runtime, resource),
    makeRuntime(resource, user) {
      made(runtime, 0o711);
      const path = made(join(runtime, resource), 0o700);
      if (owner && user === "service") chownSync(path, owner.uid, owner.gid);
      return path;
    },
    run: (id, run) => join(made(join(layout.runs, "units", id.resource), 0o700), run),
    log: (resource, replica) => join(layout.logs, `${resource}.${replica}.log`),
    forget(resource) {
      for (const path of [
        join(layout.files, resource),
        join(runtime, resource),
        join(layout.runs, "units", resource),
      ]) {
        rmSync(path, { recursive: true, force: true });
      }
    },
  };
}
