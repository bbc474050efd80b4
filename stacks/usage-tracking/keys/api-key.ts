import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { crc32 } from "node:zlib";

/**
 * An API key: `utk_<environment>_<id>_<secret><checksum>`. The prefix lets scanners find leaked keys, the checksum lets
 * them (and us) tell a key from a typing mistake without a database.
 */
export interface ApiKey {
  /** The whole key, shown once and never stored. */
  readonly text: string;
  /** The public part; names the key in the database. */
  readonly id: string;
}

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const form = /^utk_([a-z0-9]{1,16})_([0-9A-Za-z]{12})_([0-9A-Za-z]{43})([0-9A-Za-z]{6})$/;

/** A new key with 256 bits of randomness. `environment` is 1 to 16 lower-case letters and digits, such as `dev`. */
export function generateKey(environment: string): ApiKey {
  const id = randomText(12);
  const body = `utk_${environment}_${id}_${randomText(43)}`;
  const text = body + checksum(body);
  if (!form.test(text)) throw new RangeError(`expected 1 to 16 lower-case letters and digits, got ${environment}`);
  return { text, id };
}

/** The key a text stands for; `undefined` when its form or its checksum is wrong. */
export function parseKey(text: string): ApiKey | undefined {
  const match = form.exec(text);
  const [, , id, , sum] = match ?? [];
  if (id === undefined || sum !== checksum(text.slice(0, -6))) return undefined;
  return { text, id };
}

/** What is stored of a key: useless without the pepper. A key has 256 random bits, so a fast hash is the right one. */
export function hashKey(key: ApiKey, pepper: string): Buffer {
  return createHmac("sha256", pepper).update(key.text).digest();
}

/** Compares hashes in constant time. */
export function sameHash(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

function checksum(text: string): string {
  let rest = crc32(text);
  let digits = "";
  for (let place = 0; place < 6; place++) {
    digits = alphabet.charAt(rest % 62) + digits;
    rest = Math.floor(rest / 62);
  }
  return digits;
}

function randomText(length: number): string {
  let text = "";
  while (text.length < length) {
    // 248 is the largest multiple of 62 in a byte: above it some letters would come more often.
    for (const byte of randomBytes(length * 2))
      if (byte < 248 && text.length < length) text += alphabet.charAt(byte % 62);
  }
  return text;
}
