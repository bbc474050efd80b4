import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stageAll } from "./stage-all.ts";

/** Compiles, lays out and packs every published package; returns the tarballs' paths, in `out`. */
export async function packAll(repo: string, out: string): Promise<string[]> {
  const work = mkdtempSync(join(tmpdir(), "caisson-pack-"));
  try {
    mkdirSync(out, { recursive: true });
    return (await stageAll(repo, work)).map((folder) => packFolder(folder, out));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function packFolder(folder: string, out: string): string {
  const options = ["pack", "--json", "--ignore-scripts", "--pack-destination", out];
  const said = execFileSync("npm", options, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  // `npm pack --json` prints a list, one entry a tarball; newer versions an object by package name.
  const packed = Object.values(JSON.parse(said) as Readonly<Record<string, { readonly filename: string }>>);
  return packed.map(({ filename }) => join(out, filename)).join();
}
