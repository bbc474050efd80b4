import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";

/** The file a program's name stands for on a PATH; `undefined` where none is executable. */
export function findProgram(name: string, path: string): string | undefined {
  const folders = path.split(delimiter).filter((each) => each !== "");
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false; // not there, or not ours to run
  }
}
