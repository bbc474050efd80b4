import { fileURLToPath } from "node:url";

/** The launcher, as a user's shell runs it: not through npx, which costs more than what is measured. */
export const caisson: readonly string[] = [
  process.execPath,
  fileURLToPath(new URL("../../packages/cli/bin/caisson.cjs", import.meta.url)),
];
