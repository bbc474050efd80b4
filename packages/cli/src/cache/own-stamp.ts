import { fileURLToPath } from "node:url";
import { ownVersion } from "../own-version.ts";
import { folderStamp } from "./fingerprint.ts";

/** Folders of our own modules, as URLs; the stack's may import core from there. */
export function ownFolders(): readonly string[] {
  const cli = new URL("../", import.meta.url).href;
  return [
    cli,
    new URL("./", import.meta.resolve("@caisson/core")).href,
    new URL("./", import.meta.resolve("@caisson/runtime")).href,
  ];
}

/** Tells this caisson from any other: its version, and where it runs from its sources, their state. */
export function ownStamp(): string {
  const fromSource = import.meta.url.endsWith(".ts");
  return [ownVersion(), ...(fromSource ? ownFolders().map((url) => folderStamp(fileURLToPath(url))) : [])].join(" ");
}
