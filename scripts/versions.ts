// Refreshes the digests in versions.json and says which tags have newer ones: `npm run versions`. Exit 1 where a registry
// told nothing; what others told is kept.
import { readFileSync, writeFileSync } from "node:fs";
import { refresh, type VersionsFile } from "./versions/refresh.ts";

const path = new URL("../packages/core/src/components/versions.json", import.meta.url);
// The file is ours, and a test checks its form.
const before = JSON.parse(readFileSync(path, "utf8")) as VersionsFile;
const { file, said, failed } = await refresh(before);
process.stdout.write(said.map((line) => `${line}\n`).join(""));
const text = `${JSON.stringify(file, null, 2)}\n`;
if (text !== `${JSON.stringify(before, null, 2)}\n`) writeFileSync(path, text);
if (failed > 0) {
  process.stderr.write(`${failed} of ${said.length} releases could not be asked for; they are as they were\n`);
  process.exitCode = 1;
}
