import { statSync } from "node:fs";
import { createRedactor, type Redactor } from "../secrets/redact.ts";
import type { SecretStore } from "../secrets/store.ts";

/**
 * Redacts with every secret that is in `folder` now: a version that is added changes the folder, which is looked at. Where
 * the folder was removed, what was in it is still redacted.
 */
export function liveRedaction(folder: string, secrets: SecretStore): { text(text: string): string } {
  let seen = "";
  let redactor: Redactor | undefined;
  return {
    text(text) {
      const found = statSync(folder, { bigint: true, throwIfNoEntry: false });
      if (!redactor || (found && String(found.mtimeNs) !== seen)) redactor = createRedactor(secrets.everything());
      if (found) seen = String(found.mtimeNs);
      return redactor.text(text);
    },
  };
}
