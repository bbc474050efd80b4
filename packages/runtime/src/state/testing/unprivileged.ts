import { chownSync } from "node:fs";

const nobody = 65_534;

/**
 * Runs `work` as a user whom file modes stop; root is not. `folders` are given to that user first. Synchronous only:
 * the whole process changes its user for the time.
 */
export function unprivileged<T>(folders: readonly string[], work: () => T): T {
  const { seteuid, setegid, getuid } = process;
  if (getuid?.() !== 0 || !seteuid || !setegid) return work();
  for (const folder of folders) chownSync(folder, nobody, nobody);
  setegid(nobody);
  seteuid(nobody);
  try {
    return work();
  } finally {
    seteuid(0);
    setegid(0);
  }
}
