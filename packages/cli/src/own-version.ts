import { readFileSync } from "node:fs";
import { findPackageJSON } from "node:module";

/** The version in this package's own package.json. */
export function ownVersion(): string {
  const own = readFileSync(findPackageJSON(import.meta.url) ?? "", "utf8");
  // Our own file: npm would not have installed it without a version.
  return (JSON.parse(own) as { version: string }).version;
}
