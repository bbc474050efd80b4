declare global {
  interface JSON {
    /** ECMAScript's JSON.parse source text access; not in TypeScript's library yet. */
    rawJSON(text: string): { readonly rawJSON: string };
  }
}

/** A number in an answer: as it is where a double keeps it, else literally, with every digit. */
export type ExactNumber = number | { readonly rawJSON: string };

/** The exact value of a whole number that PostgreSQL gave as text. */
export function exact(text: string): ExactNumber {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : JSON.rawJSON(text);
}

/** The exact value of a decimal text, without zeros at its end. */
export function exactDecimal(text: string): ExactNumber {
  return JSON.rawJSON(text.includes(".") ? text.replace(/\.?0+$/, "") : text);
}

/** Microseconds as exact milliseconds. */
export function exactMs(micros: string): ExactNumber {
  const value = Number(micros);
  if (Number.isSafeInteger(value) && value < 2 ** 50) return value / 1000;
  const digits = BigInt(micros);
  return JSON.rawJSON(`${digits / 1000n}.${String(digits % 1000n).padStart(3, "0")}`);
}
