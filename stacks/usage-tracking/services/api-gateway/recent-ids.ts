import { randomInt } from "node:crypto";

/** Ids that are known to be durable: a retry is told so without being stored again. Forgetting one is harmless. */
export interface RecentIds {
  /** `id`: a UUID in lower case. */
  has(tenant: number, id: string): boolean;
  add(tenant: number, ids: readonly string[]): void;
}

/**
 * Remembers the last `capacity` ids at least, twice as many at most. An id is its 128 bits and its tenant in a table of
 * numbers: exact, and neither found nor forgotten at the cost of a text.
 */
export function createRecentIds(capacity: number): RecentIds {
  let young = createTable(capacity);
  let old = createTable(capacity);
  const key = new Int32Array(words);
  return {
    has: (tenant, id) => {
      readKey(key, tenant, id);
      return young.has(key) || old.has(key);
    },
    add: (tenant, ids) => {
      for (const id of ids) {
        if (young.full()) {
          [old, young] = [young, old];
          young.clear();
        }
        readKey(key, tenant, id);
        young.add(key);
      }
    },
  };
}

/** Of a key: the tenant (never 0, which marks a free place) and four times 32 bits of the id. */
const words = 5;

interface Table {
  readonly has: (key: Int32Array) => boolean;
  readonly add: (key: Int32Array) => void;
  readonly full: () => boolean;
  readonly clear: () => void;
}

/** Open addressing with linear probing, at most half full. */
function createTable(capacity: number): Table {
  const places = 2 ** Math.ceil(Math.log2(capacity * 2));
  const table = new Int32Array(places * words);
  // Nobody outside knows which ids would meet in one place.
  const seed = randomInt(2 ** 32) | 1;
  let size = 0;
  /** Where the key is, or the free place where it would be. */
  const find = (key: Int32Array): number => {
    let mixed = 0;
    for (let word = 0; word < words; word++) {
      mixed = Math.imul(mixed ^ (key[word] as number), seed);
      mixed ^= mixed >>> 15;
    }
    for (let place = mixed & (places - 1); ; place = (place + 1) & (places - 1)) {
      const at = place * words;
      if (table[at] === 0 || isAt(table, at, key)) return at;
    }
  };
  return {
    has: (key) => table[find(key)] !== 0,
    add: (key) => {
      const at = find(key);
      if (table[at] === 0) size++;
      table.set(key, at);
    },
    full: () => size >= capacity,
    clear: () => {
      table.fill(0);
      size = 0;
    },
  };
}

function isAt(table: Int32Array, at: number, key: Int32Array): boolean {
  for (let word = 0; word < words; word++) if (table[at + word] !== key[word]) return false;
  return true;
}

/** Dashes at 8, 13, 18 and 23. */
function readKey(key: Int32Array, tenant: number, id: string): void {
  key[0] = tenant;
  key[1] = (bits(id, 0) << 16) | bits(id, 4);
  key[2] = (bits(id, 9) << 16) | bits(id, 14);
  key[3] = (bits(id, 19) << 16) | bits(id, 24);
  key[4] = (bits(id, 28) << 16) | bits(id, 32);
}

/** Four hex digits. */
function bits(id: string, at: number): number {
  return (
    (digit(id.charCodeAt(at)) << 12) |
    (digit(id.charCodeAt(at + 1)) << 8) |
    (digit(id.charCodeAt(at + 2)) << 4) |
    digit(id.charCodeAt(at + 3))
  );
}

function digit(code: number): number {
  return code < 0x3a ? code - 0x30 : code - 0x57;
}
