import { randomBytes } from "node:crypto";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** Bytes from here on are thrown away: 256 is no multiple of 62, so the first letters would come up more often. */
const fair = 256 - (256 % alphabet.length);

/**
 * Random text with at least `bytes` bytes of entropy (32: 43 characters), in letters and digits only: it is the same
 * in a URL, a shell, JSON, YAML and a connection string.
 */
export function randomText(bytes: number): string {
  const length = Math.ceil((bytes * 8) / Math.log2(alphabet.length));
  let text = "";
  while (text.length < length) {
    for (const byte of randomBytes(length - text.length)) {
      if (byte < fair) text += alphabet.charAt(byte % alphabet.length);
    }
  }
  return text;
}
