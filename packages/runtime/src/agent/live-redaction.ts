import { statSync } from "node:fs";
import { createRedactor, type Redactor } from "../secrets/redact.ts";
import type { SecretStore } from "../secrets/store.ts";

/** Redacts with every secret that is in `folder` now: a version that is added changes the folder, which is looked at. */
export function liveRedaction(folder: string, secrets: SecretStore): { text(text: string): string } {
  let seen = "";
  let redactor: Redactor | undefined;
  return {
    text(text) {
      const { mtimeNs } = statSync(folder, { bigint: true });
      if (!redactor || String(mtimeNs) !== seen) redactor = createRedactor(secrets.everything());
      seen = String(mtimeNs);
      return redactor.text(text);
    },
  };
}
