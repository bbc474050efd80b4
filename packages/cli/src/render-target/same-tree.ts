import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/** Whether two folders hold the same files, bytes and links, by the same names. */
export function sameTree(a: string, b: string): boolean {
  const [left, right] = [entries(a), entries(b)];
  if (left.length !== right.length) return false;
  return left.every(({ name, kind }, index) => {
    const other = right[index];
    if (other?.name !== name || other.kind !== kind) return false;
    const [one, two] = [join(a, name), join(b, name)];
    if (kind === "folder") return sameTree(one, two);
    if (kind === "link") return readlinkSync(one) === readlinkSync(two);
    return readFileSync(one).equals(readFileSync(two));
  });
}

function entries(folder: string): { name: string; kind: "file" | "folder" | "link" }[] {
  return readdirSync(folder, { withFileTypes: true })
    .map((entry) => ({
      name: entry.name,
      kind: entry.isDirectory() ? ("folder" as const) : entry.isSymbolicLink() ? ("link" as const) : ("file" as const),
    }))
    .sort((one, two) => (one.name < two.name ? -1 : 1));
}
