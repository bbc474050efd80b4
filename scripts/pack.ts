// Makes the tarballs of a release: `npm run pack`, or `npm run pack -- FOLDER` (default: dist/).
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { packAll } from "./release/pack-all.ts";

const repo = fileURLToPath(new URL("../", import.meta.url));
for (const tarball of await packAll(repo, resolve(process.argv[2] ?? `${repo}dist`)))
  process.stdout.write(`${tarball}\n`);
