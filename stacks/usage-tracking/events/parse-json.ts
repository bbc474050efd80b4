import { isUtf8 } from "node:buffer";
import { locateFault, type JsonFault } from "./locate-fault.ts";

/** Stands in a parsed body where the text had a number that no double keeps: too many digits, too large, too small. */
export const inexactNumber: unique symbol = Symbol("inexact number");

/** A parsed body, or the first thing that makes it no JSON of ours. */
export type ParsedJson = { readonly value: unknown } | { readonly fault: JsonFault };

/** Deeper bodies are refused before they are parsed: a batch, its event, and an object of the sender's own. */
const maxDepth = 12;
/** Seventeen significant digits tell any double from its neighbours; what says more would not be kept as it was said. */
const maxDigits = 17;

/**
 * Parses a request body. UTF-8, nesting and the digits of numbers are checked on the bytes before JSON.parse sees them,
 * so a hostile body costs one pass over it. Exact positions are looked for only once a body is known to be bad.
 */
export function parseJson(body: Buffer): ParsedJson {
  if (!isUtf8(body)) return { fault: locateFault(body, maxDepth) };
  const { depth, suspicious } = scan(body);
  if (depth > maxDepth) return { fault: locateFault(body, maxDepth) };
  try {
    const text = body.toString("utf8");
    return { value: suspicious ? JSON.parse(text, markInexact) : (JSON.parse(text) as unknown) };
  } catch {
    return { fault: locateFault(body, maxDepth) }; // says what JSON.parse said, with a path
  }
}

/** One pass: the deepest nesting, and whether some number needs a second look. */
function scan(body: Buffer): { readonly depth: number; readonly suspicious: boolean } {
  const { length } = body;
  let depth = 0;
  let deepest = 0;
  let run = 0;
  let suspicious = false;
  for (let index = 0; index < length; index++) {
    const byte = body[index] as number;
    if (byte === 0x22) {
      run = 0;
      // Most bytes are in texts: to the end of this one.
      for (index++; index < length; index++) {
        const inner = body[index];
        if (inner === 0x22) break;
        if (inner === 0x5c) index++;
      }
    } else if (byte >= 0x30 && byte <= 0x39) {
      if (++run > maxDigits) suspicious = true;
    } else if (byte === 0x65 || byte === 0x45) {
      // An exponent, or the e of true and false: only a digit before it makes it a number's.
      if (run > 0) suspicious = true;
    } else if (byte !== 0x2e) {
      run = 0;
      if (byte === 0x5b || byte === 0x7b) {
        depth++;
        if (depth > deepest) deepest = depth;
      } else if (byte === 0x5d || byte === 0x7d) depth--;
    }
  }
  return { depth: deepest, suspicious };
}

/** A reviver: numbers are judged by their text, which only the reviver gets to see. */
function markInexact(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== "number" || context?.source === undefined) return value;
  const [mantissa = ""] = context.source.toLowerCase().split("e");
  const digits = mantissa.replaceAll(/[-.]/g, "").replace(/^0+/, "").replace(/0+$/, "");
  const lost = digits.length > maxDigits || !Number.isFinite(value) || (value === 0 && digits !== "");
  return lost ? inexactNumber : value;
}
