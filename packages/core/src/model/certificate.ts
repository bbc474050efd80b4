import { encode } from "./expression.ts";
import type { FileSlot } from "./resource.ts";
import { secret, type Secret } from "./secret.ts";

/** What a server shows, and what a client is given so that it trusts it. Both go into files. */
export interface Certificate {
  /** The key and the certificate, with what is between it and its authority: one PEM text. */
  readonly pem: Secret;
  /** Certificates to trust, in PEM, without any key. Servers with one authority share one file. */
  readonly authority: FileSlot;
}

/**
 * A certificate that people supply, as PEM with its key and its chain, whose root is what clients trust: `caisson
 * secret set NAME < server.pem`.
 */
export function certificate(name: string): Certificate {
  const pem = secret(name, { provided: true });
  return { pem, authority: authorityFile(pem) };
}

/** The authority of the stack's own. It is made once and kept: whoever has to trust it is told once. */
const localAuthority: Secret = { kind: "secret", name: "local-authority", source: { from: "authority" } };

/**
 * A certificate signed by an authority of the stack's own, for host names and addresses. It is good for 90 days and made
 * anew in its last 30, by the agent or by an `up`.
 */
export function localCertificate(name: string, names: readonly string[]): Certificate {
  const source = { from: "certificate", authority: localAuthority.name, names } as const;
  return { pem: { kind: "secret", name, source }, authority: authorityFile(localAuthority) };
}

/** As a secret, for what is made of one is kept like one. */
function authorityFile(from: Secret): FileSlot {
  return { name: `${from.name}.crt`, content: encode("pem-certificates", from), mode: 0o600 };
}
