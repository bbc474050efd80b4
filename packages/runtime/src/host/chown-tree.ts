import { lchownSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Gives a folder and everything below it to a user, links themselves and not what they point to. */
export function chownTree(path: string, owner: { readonly uid: number; readonly gid: number }): void {
  lchownSync(path, owner.uid, owner.gid);
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const child = join(path, entry.name);
    if (entry.isDirectory()) chownTree(child, owner);
    else lchownSync(child, owner.uid, owner.gid);
  }
}
