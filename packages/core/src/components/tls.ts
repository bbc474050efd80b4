import { localCertificate, type Certificate } from "../model/certificate.ts";

/** How a server speaks TLS: 1.2 or newer, in addition to what it speaks without. */
export interface TlsOptions {
  readonly port?: number;
  /** Host names and addresses at which clients know it, beside its name in the stack, `localhost` and `127.0.0.1`. */
  readonly names?: readonly string[];
  /** Of your own: `certificate("name")`, good for those names too. Default: one of the stack's own authority. */
  readonly certificate?: Certificate;
}

/** The certificate that the server shows. */
export function certificateOf(server: string, { names = [], certificate }: TlsOptions): Certificate {
  return certificate ?? localCertificate(`${server}-certificate`, namesOf(server, { names }));
}

/** Host names and addresses at which clients know it. */
export function namesOf(server: string, { names = [] }: TlsOptions): readonly string[] {
  return [server, "localhost", "127.0.0.1", ...names];
}
