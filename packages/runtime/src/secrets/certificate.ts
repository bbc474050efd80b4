import { createPrivateKey, generateKeyPairSync, randomBytes, sign, X509Certificate, type KeyObject } from "node:crypto";
import { AsnConvert, OctetString } from "@peculiar/asn1-schema";
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  AttributeValue,
  BasicConstraints,
  Certificate,
  ExtendedKeyUsage,
  Extension,
  Extensions,
  GeneralName,
  id_ce_basicConstraints as basicConstraints,
  id_ce_extKeyUsage as extendedKeyUsage,
  id_ce_keyUsage as keyUsage,
  id_ce_subjectAltName as subjectAltName,
  id_kp_serverAuth as serverAuth,
  KeyUsage,
  KeyUsageFlags,
  Name,
  RelativeDistinguishedName,
  SubjectAlternativeName,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Validity,
  Version,
} from "@peculiar/asn1-x509";
import { isIP } from "node:net";
import { certificatesOf } from "./encode.ts";

/** ECDSA with SHA-256 on P-256 (RFC 5758): what every client since 2012 takes. */
const signature = new AlgorithmIdentifier({ algorithm: "1.2.840.10045.4.3.2" });
const commonName = "2.5.4.3";
const day = 86_400_000;

/** An authority for ten years: its key and its certificate, in PEM. `now` in epoch ms. */
export function newAuthority(name: string, now: number): string {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const subject = nameOf(name);
  return pem(privateKey, [
    certify(privateKey, {
      issuer: subject,
      subject,
      publicKey,
      now,
      days: 3650,
      extensions: [
        extension(basicConstraints, true, new BasicConstraints({ cA: true, pathLenConstraint: 0 })),
        extension(keyUsage, true, new KeyUsage(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign)),
      ],
    }),
  ]);
}

/** A server's key and certificate for 90 days, in PEM, signed by an authority of ours. `names` are hosts and addresses. */
export function newCertificate(authority: string, names: readonly string[], now: number): string {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const issuer = AsnConvert.parse(new X509Certificate(authority).raw, Certificate).tbsCertificate.subject;
  return pem(privateKey, [
    certify(createPrivateKey(authority), {
      issuer,
      subject: nameOf(names[0] ?? ""),
      publicKey,
      now,
      days: 90,
      extensions: [
        extension(basicConstraints, true, new BasicConstraints({ cA: false })),
        extension(keyUsage, true, new KeyUsage(KeyUsageFlags.digitalSignature)),
        extension(extendedKeyUsage, false, new ExtendedKeyUsage([serverAuth])),
        extension(
          subjectAltName,
          false,
          new SubjectAlternativeName(
            names.map((name) => new GeneralName(isIP(name) === 0 ? { dNSName: name } : { iPAddress: name })),
          ),
        ),
      ],
    }),
  ]);
}

/** Whether a certificate is that authority's, for these names, and good for 30 days more. */
export function isCurrent(text: string, authority: string, names: readonly string[], now: number): boolean {
  const found = new X509Certificate(text);
  return (
    found.verify(new X509Certificate(authority).publicKey) &&
    found.validToDate.getTime() - now > 30 * day &&
    names.every((name) => covers(found, name))
  );
}

/** Why a client that trusts an authority would refuse a certificate with what it brings, under these names; empty: it would not. */
export function refusalOf(shown: string, authority: string, names: readonly string[], now: number): string {
  const form = "a key without a passphrase and, first of all certificates, the one that is for it, in PEM";
  let brought: readonly X509Certificate[];
  try {
    brought = certificatesIn(shown);
    if (!brought[0]?.checkPrivateKey(createPrivateKey(shown))) return form;
  } catch {
    return form; // what cannot be read is a secret: it is not quoted
  }
  const [leaf] = brought;
  if (!leaf) return form;
  if (leaf.validToDate.getTime() <= now) return `a certificate that is good, not one that ended ${leaf.validTo}`;
  const missing = names.filter((name) => !covers(leaf, name));
  if (missing.length > 0) return `a certificate for ${missing.join(", ")} too`;
  const roots = certificatesIn(authority).filter((each) => each.subject === each.issuer);
  return leadsTo(leaf, brought, roots) ? "" : "a certificate with its chain, up to the root that clients are to trust";
}

/** Whether issuers lead from a certificate to one of `roots`; none is passed twice. */
function leadsTo(
  from: X509Certificate,
  between: readonly X509Certificate[],
  roots: readonly X509Certificate[],
): boolean {
  const signed = (by: X509Certificate): boolean => from.checkIssued(by) && from.verify(by.publicKey);
  if (roots.some(signed)) return true;
  const rest = between.filter((each) => each !== from);
  return rest.some((each) => signed(each) && leadsTo(each, rest, roots));
}

function certificatesIn(text: string): X509Certificate[] {
  const texts = certificatesOf(text).split(/(?<=-----END CERTIFICATE-----\n)/);
  return texts.filter((each) => each !== "").map((each) => new X509Certificate(each));
}

function covers(found: X509Certificate, name: string): boolean {
  return (isIP(name) === 0 ? found.checkHost(name, { subject: "never" }) : found.checkIP(name)) !== undefined;
}

interface Parts {
  readonly issuer: Name;
  readonly subject: Name;
  readonly publicKey: KeyObject;
  readonly now: number;
  readonly days: number;
  readonly extensions: readonly Extension[];
}

function certify(key: KeyObject, { issuer, subject, publicKey, now, days, extensions }: Parts): Buffer {
  const serial = randomBytes(16);
  serial[0] = (serial[0] ?? 0) & 0x7f || 1; // positive, and in as few bytes as DER wants
  const tbsCertificate = new TBSCertificate({
    version: Version.v3,
    serialNumber: toArrayBuffer(serial),
    signature,
    issuer,
    // A day back: clocks of clients differ.
    validity: new Validity({ notBefore: new Date(now - day), notAfter: new Date(now + days * day) }),
    subject,
    subjectPublicKeyInfo: AsnConvert.parse(publicKey.export({ type: "spki", format: "der" }), SubjectPublicKeyInfo),
    extensions: new Extensions([...extensions]),
  });
  const signed = sign("sha256", Buffer.from(AsnConvert.serialize(tbsCertificate)), key);
  return Buffer.from(
    AsnConvert.serialize(
      new Certificate({ tbsCertificate, signatureAlgorithm: signature, signatureValue: toArrayBuffer(signed) }),
    ),
  );
}

function extension(extnID: string, critical: boolean, value: object): Extension {
  return new Extension({ extnID, critical, extnValue: new OctetString(AsnConvert.serialize(value)) });
}

function nameOf(text: string): Name {
  const value = new AttributeValue({ utf8String: text });
  return new Name([new RelativeDistinguishedName([new AttributeTypeAndValue({ type: commonName, value })])]);
}

function pem(key: KeyObject, certificates: readonly Buffer[]): string {
  const texts = certificates.map((each) => new X509Certificate(each).toString());
  return [key.export({ type: "pkcs8", format: "pem" }) as string, ...texts].join("");
}

function toArrayBuffer(bytes: Buffer): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
