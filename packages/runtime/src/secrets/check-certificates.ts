import { CaissonError, walk, type Resource } from "@caisson/core/run";
import { materialise } from "./materialise.ts";
import type { SecretStore } from "./store.ts";

/**
 * Refuses a certificate that whoever connects could not verify: one that people supplied for other names, without its root,
 * or past its end. One that is not there yet is made, or asked for, elsewhere.
 */
export async function checkCertificates(secrets: SecretStore, resources: readonly Resource[]): Promise<void> {
  const shown = resources.flatMap(({ name, verified }) => (verified ? [{ name, ...verified }] : []));
  if (shown.length === 0) return;
  // Few stacks have one: the others do not load what reads them.
  const { refusalOf } = await import("./certificate.ts");
  const absent = (): undefined => undefined;
  const context = { secret: (each: string) => secrets.get(each), address: absent, path: absent };
  for (const { name, certificate, authority, names } of shown) {
    const [pem, trusted] = [materialise(certificate, context), materialise(authority, context)];
    if (pem === undefined || trusted === undefined) continue;
    const expected = refusalOf(pem, trusted, names, Date.now());
    if (expected === "") continue;
    const secret = [...walk(certificate)].flatMap((part) => (part.kind === "secret" ? [part.name] : [])).join(", ");
    throw new CaissonError(
      "E_SECRET_VALUE",
      `${name}: expected ${expected} in the secret ${secret}; its clients verify it`,
    );
  }
}
