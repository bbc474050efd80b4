import { fileURLToPath } from "node:url";

const mains = {
  provision: new URL("./main.ts", import.meta.url),
} as const;

/** The file to run with Node for a program that ships with Caisson (`path` expressions of kind `binary` name it). */
export function builtinProgram(name: keyof typeof mains): string {
  return fileURLToPath(mains[name]);
}
