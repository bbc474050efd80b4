import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** `caisson` on a stack of all components, in a folder of its own that disposing removes. */
export interface CatalogueStack extends Disposable {
  /** What a command printed; throws with what it said where it failed. */
  readonly caisson: (...args: readonly string[]) => Promise<string>;
}

const launcher = fileURLToPath(new URL("../../packages/cli/bin/caisson.cjs", import.meta.url));
const images = new URL("catalogue-images.ts", import.meta.url).href;

/** The secrets people supply are anything: nobody is told of anything here. */
export async function catalogueStack(): Promise<CatalogueStack> {
  const folder = mkdtempSync(join(tmpdir(), "caisson-images-"));
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  writeFileSync(
    join(folder, "stack.ts"),
    `import { defineStack } from "@caisson/core";
import { catalogue } from ${JSON.stringify(images)};
export default defineStack("catalogue", [...catalogue]);
`,
  );
  const caisson = (...args: readonly string[]): Promise<string> =>
    new Promise((resolve, reject) => {
      execFile(process.execPath, [launcher, ...args], { cwd: folder, maxBuffer: 1e8 }, (error, stdout, stderr) =>
        error ? reject(new Error(stderr.trim())) : resolve(stdout),
      );
    });
  for (const name of ["smtp", "slack", "pagerduty"])
    await caisson("secret", "set", name, "--from-file", join(folder, "package.json"));
  return { caisson, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}
