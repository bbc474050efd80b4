/** An amount of money in units of 10^-12: exact, and small enough for the price of one token. */
export type Amount = bigint;

const places = 12;
const one = 10n ** BigInt(places);
const pattern = /^\d{1,14}(?:\.\d{1,12})?$/;

/** The amount of a decimal text with at most twelve places, not negative; `undefined` for anything else. */
export function parseAmount(text: string): Amount | undefined {
  if (!pattern.test(text)) return undefined;
  const [whole = "", decimals = ""] = text.split(".");
  return BigInt(whole) * one + BigInt(decimals.padEnd(places, "0"));
}

/** The shortest decimal text of an amount: `0.000125`, `12`. */
export function formatAmount(amount: Amount): string {
  const [sign, size] = amount < 0n ? ["-", -amount] : ["", amount];
  const decimals = String(size % one)
    .padStart(places, "0")
    .replace(/0+$/, "");
  return `${sign}${size / one}${decimals === "" ? "" : `.${decimals}`}`;
}
