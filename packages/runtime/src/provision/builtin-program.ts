import { extname } from "node:path";
import { fileURLToPath } from "node:url";

/** The file to run with Node for a program that ships with Caisson (`path` expressions of kind `binary` name it). */
export function builtinProgram(name: "provision"): string {
  const folder: Readonly<Record<typeof name, string>> = { provision: "./" };
  // TypeScript in the repository, compiled in a published package: as this file is.
  return fileURLToPath(new URL(`${folder[name]}main${extname(import.meta.url)}`, import.meta.url));
}
