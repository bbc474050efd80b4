import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from "node:crypto";

/** PostgreSQL's own default (`scram_iterations`). */
const iterations = 4096;

/**
 * The verifier PostgreSQL stores for a password (RFC 5803): sent in its place, so that the password itself is in no
 * statement that the server may log.
 */
export function scramVerifier(password: string, salt: Buffer = randomBytes(16), rounds = iterations): string {
  const salted = pbkdf2Sync(saslPrep(password), salt, rounds, 32, "sha256");
  const key = (name: string): Buffer => createHmac("sha256", salted).update(name).digest();
  const stored = createHash("sha256").update(key("Client Key")).digest("base64");
  return `SCRAM-SHA-256$${rounds}:${salt.toString("base64")}$${stored}:${key("Server Key").toString("base64")}`;
}

/** Whether a stored verifier is one of this password. `false` for what is no SCRAM verifier. */
export function isVerifierOf(verifier: string, password: string): boolean {
  // SCRAM-SHA-256$4096:<salt>$<stored key>:<server key>
  const match = /^SCRAM-SHA-256\$(\d{1,9}):([A-Za-z0-9+/=]+)\$/.exec(verifier);
  if (match?.[1] === undefined || match[2] === undefined) return false;
  const expected = Buffer.from(scramVerifier(password, Buffer.from(match[2], "base64"), Number(match[1])));
  const got = Buffer.from(verifier);
  return expected.length === got.length && timingSafeEqual(expected, got);
}

/** What clients do to a password before they use it (RFC 4013): some spaces become one, invisible characters go, NFKC. */
function saslPrep(password: string): string {
  return password
    .replaceAll(/[\u00A0\u1680\u2000-\u200B\u202F\u205F\u3000]/g, " ")
    .replaceAll(/\u00AD|\u034F|\u1806|[\u180B-\u180D]|\u200C|\u200D|\u2060|[\uFE00-\uFE0F]|\uFEFF/g, "")
    .normalize("NFKC");
}
