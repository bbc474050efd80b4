import { rmSync } from "node:fs";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Writes a file that only we can read; its path. */
export type Keep = (name: string, text: string) => Promise<string>;

/** Runs `use` with files of mode 0600 in a folder of our own, which is removed when `use` ends, however it ends. */
export async function withPrivateFiles<T>(use: (keep: Keep) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "caisson-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  // A reader that goes away ends this process where it is.
  process.once("exit", remove);
  try {
    return await use(async (name, text) => {
      const path = join(folder, name);
      await writeFile(path, text, { mode: 0o600, flag: "wx" });
      return path;
    });
  } finally {
    process.off("exit", remove);
    remove();
  }
}
