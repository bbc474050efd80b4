import { chownSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileText, type Expression, type FileSlot } from "@caisson/core/run";
import type { FieldDifference } from "../drivers/driver.ts";
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
  /** Files that are no longer what `deliver` wrote. */
  changed(record: GenerationRecord): readonly FieldDifference[];
  /** Removes the files of generations that nothing runs any more. */
  prune(resource: string, keep: readonly number[]): void;
}

/** `evaluate` turns a slot's expression into its text, secrets included: its result goes into a file and nowhere else. */
export function files(
  folders: Folders,
  owner: { readonly uid: number; readonly gid: number } | undefined,
  evaluate: (value: Expression, record: GenerationRecord) => string,
): Files {
  const textOf = ({ content }: FileSlot, record: GenerationRecord): string => {
    const value = evaluate(content, record);
    // A program's files are its configuration's.
    return record.resource.program ? fileText(value) : value;
  };
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
        const text = textOf(slot, record);
        const there = existsSync(path);
        if (there && readFileSync(path, "utf8") === text) continue;
        if (there && inPlace) writeFileSync(path, text);
        else replaceFile(path, text, open ? 0o444 : slot.mode, user);
      }
    },
    changed(record) {
      const folder = folders.files(record.resource.name, record.generation);
      return record.launch.files.flatMap((slot) => {
        const path = join(folder, slot.name);
        const same = existsSync(path) && readFileSync(path, "utf8") === textOf(slot, record);
        const got = existsSync(path) ? "changed" : "missing";
        return same ? [] : [{ field: `file ${slot.name}`, expected: "as it was written", got }];
      });
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
