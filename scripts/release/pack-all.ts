import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { compile } from "./compile.ts";
import { stage } from "./stage.ts";
import { workspacePackages } from "./workspace-packages.ts";

/** Compiles, lays out and packs every published package; returns the tarballs' paths, in `out`. */
export function packAll(repo: string, out: string): string[] {
  const work = mkdtempSync(join(tmpdir(), "caisson-pack-"));
  try {
    const compiled = join(work, "compiled");
    mkdirSync(compiled);
    mkdirSync(out, { recursive: true });
    compile(repo, compiled);
    return workspacePackages(repo).map((each) => {
      const staging = join(work, "staging", basename(each.folder));
      stage(repo, each, compiled, staging);
      return packFolder(staging, out);
    });
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
