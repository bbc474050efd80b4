import type { Instant } from "../../events/instant.ts";

/**
 * Rows in PostgreSQL's binary COPY format, made field after field. Times and ids travel as the numbers they are stored as:
 * neither side writes or reads them as text. A value of a wrong form throws a RangeError.
 */
export interface CopyRows {
  /** Begins a row of that many fields. */
  readonly row: (fields: number) => void;
  readonly int: (value: number) => void;
  readonly time: (at: Instant) => void;
  /** The day of a time, in UTC. */
  readonly date: (at: Instant) => void;
  readonly uuid: (text: string) => void;
  readonly text: (text: string | undefined) => void;
  readonly texts: (texts: readonly string[]) => void;
  readonly jsonb: (json: string) => void;
  /** All of it, with the format's head and tail. */
  readonly chunks: () => readonly Buffer[];
  /** What was written is needed no more: its memory is given to those who write next. */
  readonly release: () => void;
}

const chunkBytes = 128 * 1024;
/** Signature, no flags, no extension. */
const head = Buffer.from("PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0", "latin1");
const tail = Buffer.from([0xff, 0xff]);
/** PostgreSQL counts from 2000. */
const epoch = Date.UTC(2000, 0, 1) * 1000;
const day = 86_400_000_000;
const textOid = 25;

/**
 * No rows yet. They are written into chunks of `free` while there are any: fresh memory costs a page fault every 4 kB, which
 * can be more than the writing.
 */
export function createCopyRows(free: Buffer[] = []): CopyRows {
  const full: Buffer[] = [head];
  const taken: Buffer[] = [];
  const take = (bytes: number): Buffer => {
    if (bytes > chunkBytes) return Buffer.allocUnsafeSlow(bytes);
    const next = free.pop() ?? Buffer.allocUnsafeSlow(chunkBytes);
    taken.push(next);
    return next;
  };
  let chunk = take(0);
  let at = 0;
  const need = (bytes: number): void => {
    if (at + bytes <= chunk.length) return;
    full.push(chunk.subarray(0, at));
    chunk = take(bytes);
    at = 0;
  };
  const int32 = (value: number): void => {
    at = chunk.writeInt32BE(value, at);
  };
  /** The length, `before` (a byte that comes first, for jsonb) and the text. */
  const sized = (text: string, before?: number): void => {
    need(5 + text.length * 3);
    const length = at;
    at += 4;
    if (before !== undefined) chunk[at++] = before;
    at = writeText(chunk, text, at);
    chunk.writeInt32BE(at - length - 4, length);
  };
  return {
    row: (fields) => {
      need(2);
      at = chunk.writeInt16BE(fields, at);
    },
    int: (value) => {
      need(8);
      int32(4);
      int32(value);
    },
    time: (instant) => {
      need(12);
      int32(8);
      const micros = instant - epoch;
      const high = Math.floor(micros / 2 ** 32);
      int32(high);
      at = chunk.writeUInt32BE(micros - high * 2 ** 32, at);
    },
    date: (instant) => {
      need(8);
      int32(4);
      int32(Math.floor((instant - epoch) / day));
    },
    uuid: (text) => {
      need(20);
      int32(16);
      at = writeUuid(chunk, text, at);
    },
    text: (text) => {
      if (text !== undefined) return sized(text);
      need(4);
      int32(-1);
    },
    texts: (texts) => {
      // All at once, so that its length can be written when it is known.
      need(texts.reduce((bytes, text) => bytes + 5 + text.length * 3, 24));
      const length = at;
      at += 4;
      for (const value of [texts.length > 0 ? 1 : 0, 0, textOid]) int32(value); // dimensions, no nulls, of what
      if (texts.length > 0) for (const value of [texts.length, 1]) int32(value); // how many, from which index on
      for (const text of texts) sized(text);
      chunk.writeInt32BE(at - length - 4, length);
    },
    jsonb: (json) => sized(json, 1), // version 1
    chunks: () => [...full, chunk.subarray(0, at), tail],
    release: () => void free.push(...taken.splice(0)),
  };
}

/** Most texts are short and ASCII: for those a call into the runtime costs more than the bytes. */
function writeText(chunk: Buffer, text: string, start: number): number {
  if (text.length > 24) return start + chunk.write(text, start);
  let at = start;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code > 0x7f) return start + chunk.write(text, start);
    chunk[at++] = code;
  }
  return at;
}

function writeUuid(chunk: Buffer, text: string, start: number): number {
  let at = start;
  let wrong = text.length === 36 ? 0 : 16;
  for (let index = 0; index < 36; index += 2) {
    if (index === 8 || index === 13 || index === 18 || index === 23) {
      if (text.charCodeAt(index++) !== 0x2d) wrong = 16;
    }
    const high = digits[text.charCodeAt(index)] ?? 16;
    const low = digits[text.charCodeAt(index + 1)] ?? 16;
    wrong |= high | low;
    chunk[at++] = (high << 4) | low;
  }
  if (wrong >= 16) throw new RangeError(`expected a UUID, got ${text.slice(0, 64)}`);
  return at;
}

/** The value of a hex digit by its character code; 16 where it is none. */
const digits = Uint8Array.from({ length: 128 }, (_, code) => {
  const value = Number.parseInt(String.fromCharCode(code), 16);
  return Number.isNaN(value) ? 16 : value;
});
