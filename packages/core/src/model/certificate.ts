import { encode, type Expression } from "./expression.ts";
import { secret, type Secret } from "./secret.ts";

/** What a server shows, and what a client is given so that it trusts it. Both go into files. */
export interface Certificate {
  /** The key and the certificate, with what is between it and its authority: one PEM text. */
  readonly pem: Secret;
  /** Certificates to trust, in PEM, without any key. */
  readonly authority: Expression;
}

/** A certificate that people supply, as PEM with its key and its chain: `caisson secret set NAME < server.pem`. */
export function certificate(name: string): Certificate {
  const pem = secret(name, { provided: true });
  return { pem, authority: encode("pem-certificates", pem) };
}

/** The authority of the stack's own. It is made once and kept: whoever has to trust it is told once. */
const localAuthority: Secret = { kind: "secret", name: "local-authority", source: { from: "authority" } };

/**
 * A certificate signed by an authority of the stack's own, for host names and addresses. It is good for 90 days and made
 * anew by the first `up` of its last 30.
 */
export function localCertificate(name: string, names: readonly string[]): Certificate {
  const source = { from: "certificate", authority: localAuthority.name, names } as const;
  return { pem: { kind: "secret", name, source }, authority: encode("pem-certificates", localAuthority) };
}
