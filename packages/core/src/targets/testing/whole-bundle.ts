import type { Bundle } from "../compose/render-compose.ts";

/** One text of a bundle, so that a whole bundle is one golden file. */
export function wholeBundle({ artifacts, warnings }: Bundle): string {
  const files = artifacts.map(({ path, text, run }) => `=== ${path}${run === true ? " (run)" : ""}\n${text}`);
  return `${files.join("\n")}\n=== warnings\n${warnings.join("\n")}\n`;
}
