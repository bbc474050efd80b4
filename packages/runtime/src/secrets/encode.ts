import { createHash, hkdfSync, pbkdf2Sync } from "node:crypto";
import { createRequire } from "node:module";
import { CaissonError, type EncodeOp } from "@caisson/core/run";
import { scramVerifier } from "./scram-verifier.ts";

/** One operation on a secret's text. `salt` yields the salt of that operation, the same for the same secret version. */
type Encode = (text: string, salt: (bytes: number) => Buffer) => string;

/** The closed list of operations. */
export const encodeOps: Readonly<Record<EncodeOp, Encode>> = {
  url: encodeUrlPart,
  json: (text) => JSON.stringify(text),
  sha256: (text) => createHash("sha256").update(text).digest("hex"),
  "scram-sha-256": (text, salt) => asciiVerifier(text, salt(16)),
  "pbkdf2-mosquitto": (text, salt) => mosquittoHash(text, salt(12), 1000),
  "pem-certificates": certificatesOf,
  bcrypt: (text, salt) => bcryptHash(text, salt(16)),
};

/** The certificates of a PEM text: what anybody may see of it. */
export function certificatesOf(text: string): string {
  return (text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [])
    .map((each) => `${each}\n`)
    .join("");
}

/** A salt of `bytes` bytes for one operation, derived from a version's own: two operations never share one. */
export function deriveSalt(versionSalt: string, op: EncodeOp, bytes: number): Buffer {
  return Buffer.from(hkdfSync("sha256", Buffer.from(versionSalt, "base64url"), "", `caisson ${op}`, bytes));
}

/** Printable ASCII only: other text must be normalised (SASLprep), and clients of a file differ in whether they do. */
function asciiVerifier(password: string, salt: Buffer): string {
  if (!/^[\x20-\x7e]+$/.test(password)) {
    throw new CaissonError("E_SECRET_VALUE", "expected printable ASCII in a password for SCRAM, got other characters");
  }
  return scramVerifier(password, salt);
}

/** Mosquitto's password-file form `$7$<iterations>$<base64 salt>$<base64 hash>`; its reader takes salts of 12 or 64 bytes. */
export function mosquittoHash(password: string, salt: Buffer, iterations: number): string {
  const hash = pbkdf2Sync(password, salt, iterations, 64, "sha512");
  return `$7$${iterations}$${salt.toString("base64")}$${hash.toString("base64")}`;
}

/**
 * bcrypt as edges read it in a file of users. Of the least cost there: they compute it for each request, and a generated password
 * cannot be guessed however fast that goes.
 */
function bcryptHash(password: string, salt: Buffer): string {
  if (Buffer.byteLength(password) > 72)
    throw new CaissonError("E_SECRET_VALUE", "expected at most 72 bytes in a password for bcrypt, which reads no more");
  // Loaded by who asks for it alone.
  const { encodeBase64, hashSync } = createRequire(import.meta.url)("bcryptjs") as typeof import("bcryptjs");
  return hashSync(password, `$2b$05$${encodeBase64([...salt], 16)}`);
}

/** Percent-encoding for any part of a URL: RFC 3986's unreserved characters stay; encodeURIComponent leaves five more that some readers do not. */
export function encodeUrlPart(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
