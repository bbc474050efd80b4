import { CaissonError } from "@caisson/core/run";

/** What Swarm takes of one secret, which is the least of all targets. */
const mostBytes = 500_000;

/** Shorter values would be found all over harmless text, so they could not be kept out of logs. */
const fewestCharacters = 4;

/** A value as people supply it, less exactly one newline at its end. Throws E_SECRET_VALUE, never quoting the value. */
export function providedText(name: string, value: string | Uint8Array): string {
  const refuse = (expected: string, got: string): CaissonError =>
    new CaissonError("E_SECRET_VALUE", `expected ${expected} for the secret ${name}, got ${got}`);
  const text = (typeof value === "string" ? value : decode(value))?.replace(/\r?\n$/, "");
  if (text === undefined || !text.isWellFormed()) throw refuse("text in UTF-8", "other bytes");
  if (text === "") throw refuse("a value", "nothing");
  if (text.includes("\0")) throw refuse("text", "a zero byte in it");
  if (text.length < fewestCharacters) throw refuse(`at least ${fewestCharacters} characters`, `${text.length}`);
  if (Buffer.byteLength(text) > mostBytes) throw refuse(`at most ${mostBytes} bytes`, `${Buffer.byteLength(text)}`);
  return text;
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined; // not UTF-8; the caller says so
  }
}
