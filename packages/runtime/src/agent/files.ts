import { chownSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileText, type Expression } from "@caisson/core/run";
import { replaceFile } from "../host/atomic-file.ts";
import type { Folders } from "./folders.ts";
import type { GenerationRecord } from "./records.ts";

/** Writes the files a resource reads. Every secret that reaches a program goes through here. */
export interface Files {
  /**
   * Writes what is missing or different; a file that is as it should be is left alone. `inPlace`: what runs has the file
   * itself, as a container has, and would not see another that took its name.
   */
  deliver(record: GenerationRecord, options?: { readonly inPlace: boolean }): Promise<void>;
  /** Removes the files of generations that nothing runs any more. */
  prune(resource: string, keep: readonly number[]): void;
}

/** `evaluate` turns a slot's expression into its text, secrets included: its result goes into a file and nowhere else. */
export function files(
  folders: Folders,
  owner: { readonly uid: number; readonly gid: number } | undefined,
  evaluate: (value: Expression, record: GenerationRecord) => string,
): Files {
  return {
    async deliver(record, { inPlace } = { inPlace: false }) {
      const { launch, resource, generation } = record;
      if (launch.files.length === 0) return;
      const folder = folders.files(resource.name, generation);
      const { container } = launch;
      const asRoot = process.getuid?.() === 0;
      // In a container they are its user's. Only root can give them away; otherwise the folder keeps other users out.
      const user = container ? (asRoot ? container.user : undefined) : launch.user === "service" ? owner : undefined;
      const open = container !== undefined && !asRoot;
      mkdirSync(folders.allFiles(resource.name), { recursive: true, mode: 0o711 });
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      if (user && !container) chownSync(folder, user.uid, user.gid);
      for (const slot of launch.files) {
        const path = join(folder, slot.name);
        const value = evaluate(slot.content, record);
        // A program's files are its configuration's.
        const text = resource.program ? fileText(value) : value;
        const there = existsSync(path);
        if (there && readFileSync(path, "utf8") === text) continue;
        if (there && inPlace) writeFileSync(path, text);
        else replaceFile(path, text, open ? 0o444 : slot.mode, user);
      }
    },
    prune(resource, keep) {
      const folder = folders.allFiles(resource);
      if (!existsSync(folder)) return;
      for (const name of readdirSync(folder)) {
        if (!keep.includes(Number(name))) rmSync(join(folder, name), { recursive: true, force: true });
      }
    },
  };
}
