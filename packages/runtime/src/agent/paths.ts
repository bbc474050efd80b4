import { join } from "node:path";
import { CaissonError, type PathOf } from "@caisson/core/run";
import { ownProgram } from "../host/own-program.ts";
import type { Folders } from "./folders.ts";
import type { GenerationRecord } from "./records.ts";

/** What a `path` expression stands for. `staging` replaces a volume that is being filled. */
export function pathOf(
  folders: Folders,
  record: GenerationRecord,
  of: PathOf,
  name: string,
  staging?: { readonly volume: string; readonly folder: string },
): string {
  const { resource, generation, binding, root } = record;
  switch (of) {
    case "volume":
      return staging?.volume === name ? staging.folder : join(folders.volumes, resource.name, name);
    case "runtime":
      return join(folders.runtime(resource.name), name);
    case "file":
      return join(folders.files(resource.name, generation), name);
    case "program":
      return join(root, name);
    case "binary": {
      if (name === "node") return process.execPath;
      const path = name === "provision" ? ownProgram(name) : binding?.binaries[name];
      if (path === undefined)
        throw new CaissonError(
          "E_PROGRAM_NOT_FOUND",
          `${resource.name}: expected a program ${name} from ${binding?.provider ?? "no provider"}, found none`,
        );
      return path;
    }
  }
}
