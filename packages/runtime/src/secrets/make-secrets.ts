import type { SecretSource } from "@caisson/core/run";
import { notOurs, type SecretStore } from "./store.ts";

/** A secret as a stack names it. */
export interface NamedSecret {
  readonly name: string;
  readonly source: SecretSource;
}

/**
 * Makes what is to be made and is not there yet; a certificate also where its end is near, its names are others, or its
 * authority is new. What people supplied, in place of ours too, is left alone.
 */
export async function makeSecrets(
  store: SecretStore,
  secrets: readonly NamedSecret[],
  now: () => number,
): Promise<void> {
  for (const each of secrets) await make(store, each, now, false);
}

/** Makes one anew. Throws E_SECRET_VALUE for what people supply. */
export async function remakeSecret(store: SecretStore, secret: NamedSecret, now: () => number): Promise<void> {
  await make(store, secret, now, true);
}

async function make(
  store: SecretStore,
  { name, source }: NamedSecret,
  now: () => number,
  anew: boolean,
): Promise<void> {
  if (source.from === "generated") return void (anew ? store.reset(name, source) : store.ensureGenerated(name, source));
  if (anew && (source.from === "provided" || store.get(name)?.source === "provided")) throw notOurs(name);
  if (source.from === "provided") return;
  // Few stacks have a certificate: the others do not load what makes one.
  const { isCurrent, newAuthority, newCertificate } = await import("./certificate.ts");
  const authority = (of: string, again: boolean): string =>
    store.ensureMade(
      of,
      () => newAuthority(`Caisson ${of}`, now()),
      () => !again,
    ).value;
  if (source.from === "authority") return void authority(name, anew);
  const by = authority(source.authority, false);
  store.ensureMade(
    name,
    () => newCertificate(by, source.names, now()),
    (value) => !anew && isCurrent(value, by, source.names, now()),
  );
}
