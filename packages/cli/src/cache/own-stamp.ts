import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { ownVersion } from "../own-version.ts";
import { folderStamp } from "./fingerprint.ts";

/** Folders of our own modules, as URLs; the stack's may import core from there. */
export function ownFolders(): readonly string[] {
  const { resolve } = createRequire(import.meta.url);
  const others = ["@caisson/core", "@caisson/runtime"].map((name) => pathToFileURL(resolve(name)));
  return [new URL("../", import.meta.url), ...others.map((entry) => new URL("./", entry))].map(({ href }) => href);
}

/** Tells this caisson from any other: its version, and where it runs from its sources, their state. */
export function ownStamp(): string {
  const fromSource = import.meta.url.endsWith(".ts");
  return [ownVersion(), ...(fromSource ? ownFolders().map((url) => folderStamp(fileURLToPath(url))) : [])].join(" ");
}
