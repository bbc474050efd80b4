import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** One case of the CloudEvents project's conformance data. */
export interface CloudCase {
  readonly id: string;
  readonly event: Readonly<Record<string, unknown>>;
}

const folder = fileURLToPath(new URL("../../../../shared/data/cloudevents/", import.meta.url));

/** Why the conformance data cannot be read here; empty where it can. */
export const cloudCasesAbsent = existsSync(folder) ? "" : ` (skipped: ${folder} is not here)`;

/** The cases of one file of the conformance data; none where it is absent. */
export function cloudCases(kind: "valid" | "invalid"): readonly CloudCase[] {
  if (cloudCasesAbsent !== "") return [];
  const text = readFileSync(`${folder}${kind}-events.json`, "utf8");
  return (JSON.parse(text) as { readonly tests: readonly CloudCase[] }).tests;
}
