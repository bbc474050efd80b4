import { pointerStep } from "./issue.ts";

/** Why a body is no JSON of ours, and where: a JSON pointer to the value at fault and the byte it starts to fail at. */
export interface JsonFault {
  readonly code: "invalid_utf8" | "invalid_json" | "too_deep";
  readonly path: string;
  readonly offset: number;
}

type Frame = { readonly kind: "object"; key: string } | { readonly kind: "array"; index: number };

/**
 * Finds the first fault of a body that is known to have one. A strict reader of RFC 8259 without recursion: the slow
 * path, taken only for bodies that are refused.
 */
export function locateFault(body: Buffer, maxDepth: number): JsonFault {
  const frames: Frame[] = [];
  // Latin-1 keeps one character a byte, so that offsets are byte offsets and bad UTF-8 passes through.
  const text = body.toString("latin1");
  const utf8Until = validPrefix(body);
  const fault = (code: JsonFault["code"], offset: number): JsonFault => ({
    code,
    path: frames.map((frame) => pointerStep(frame.kind === "array" ? frame.index : decode(frame.key))).join(""),
    offset,
  });
  const token =
    /[\t\n\r ]*(?:([[\]{}:,])|("(?:[ !#-[\]-\xff]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null))/y;
  const spaces = /[\t\n\r ]*/y;
  // What may come next: the grammar of JSON as a set of states.
  let state: "value" | "first-value" | "first-key" | "key" | "colon" | "after" | "end" = "value";
  let offset = 0;
  while (state !== "end" || offset < text.length) {
    token.lastIndex = offset;
    const match = token.exec(text);
    spaces.lastIndex = offset;
    const start = offset + (spaces.exec(text)?.[0].length ?? 0);
    const next = match ? token.lastIndex : start;
    if (utf8Until < Math.max(next, start + 1) && utf8Until < text.length) return fault("invalid_utf8", utf8Until);
    if (!match)
      return state === "end" && start >= text.length ? fault("invalid_json", 0) : fault("invalid_json", start);
    const [, mark, string] = match;
    const top = frames.at(-1);
    const opens = mark === "[" || mark === "{";
    const wantsValue = state === "value" || state === "first-value";
    if (wantsValue && opens) {
      if (frames.length >= maxDepth) return fault("too_deep", start);
      frames.push(mark === "[" ? { kind: "array", index: 0 } : { kind: "object", key: '""' });
      state = mark === "[" ? "first-value" : "first-key";
    } else if (wantsValue && mark === undefined) state = frames.length === 0 ? "end" : "after";
    else if ((state === "first-key" || state === "key") && string !== undefined && top?.kind === "object") {
      top.key = string;
      state = "colon";
    } else if (state === "colon" && mark === ":") state = "value";
    else if (state === "after" && mark === "," && top) {
      if (top.kind === "array") top.index++;
      state = top.kind === "array" ? "value" : "key";
    } else if (closes(state, mark, top)) {
      frames.pop();
      state = frames.length === 0 ? "end" : "after";
    } else return fault("invalid_json", start);
    offset = next;
  }
  return fault("invalid_json", offset);
}

function closes(state: string, mark: string | undefined, top: Frame | undefined): boolean {
  if (mark === "]") return top?.kind === "array" && (state === "after" || state === "first-value");
  return mark === "}" && top?.kind === "object" && (state === "after" || state === "first-key");
}

/** The text of a key's token; keys with bad bytes are shown as they are. */
function decode(token: string): string {
  try {
    return String(JSON.parse(Buffer.from(token, "latin1").toString("utf8")));
  } catch {
    return token; // a key that is itself at fault
  }
}

/** Bytes before the first one that is not UTF-8. */
function validPrefix(body: Buffer): number {
  let low = 0;
  let high = body.length;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (decodes(body.subarray(0, middle))) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** True unless a bad byte is among `bytes`; a character cut off at their end is none. */
function decodes(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}
