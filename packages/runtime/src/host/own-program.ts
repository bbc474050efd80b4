import { createRequire } from "node:module";

/**
 * The file to run with Node for a program that ships with Caisson. By the name it is exported under: that is found from
 * wherever this module was bundled into.
 */
export function ownProgram(name: "agent" | "provision" | "pod"): string {
  return createRequire(import.meta.url).resolve(`@caisson/runtime/${name}`);
}
