import { chownSync } from "node:fs";

const nobody = 65_534;

/**
 * Runs `work` as a user whom file modes stop; root is not. `folders` are given to that user first. The whole process
 * changes its user until the work (also an async one) has ended.
 */
export async function unprivileged<T>(folders: readonly string[], work: () => T | Promise<T>): Promise<T> {
  const { seteuid, setegid, getuid } = process;
  if (getuid?.() !== 0 || !seteuid || !setegid) return work();
  for (const folder of folders) chownSync(folder, nobody, nobody);
  setegid(nobody);
  seteuid(nobody);
  try {
    return await work();
  } finally {
    seteuid(0);
    setegid(0);
  }
}
