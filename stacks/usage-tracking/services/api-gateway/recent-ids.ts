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
  // Nobody outside knows which ids would meet in one place.
  const seed = randomInt(2 ** 32) | 1;
  return {
    has: (tenant, id) => {
      readKey(key, tenant, id);
      const hash = hashOf(key, seed);
      return young.has(key, hash) || old.has(key, hash);
    },
    add: (tenant, ids) => {
      for (const id of ids) {
        if (young.full()) {
          [old, young] = [young, old];
          young.clear();
        }
        readKey(key, tenant, id);
        young.add(key, hashOf(key, seed));
      }
    },
  };
}

/** Of a key: the tenant and four times 32 bits of the id. */
const words = 5;

interface Table {
  readonly has: (key: Int32Array, hash: number) => boolean;
  readonly add: (key: Int32Array, hash: number) => void;
  readonly full: () => boolean;
  readonly clear: () => void;
}

/**
 * Open addressing with linear probing, at most half full. Hashes have an array of their own, small enough to stay near the
 * processor: whether an id is known is asked of every one, and hardly any is.
 */
function createTable(capacity: number): Table {
  const places = 2 ** Math.ceil(Math.log2(capacity * 2));
  const hashes = new Int32Array(places);
  const keys = new Int32Array(places * words);
  let size = 0;
  /** Where the key is, or the free place where it would be. */
  const find = (key: Int32Array, hash: number): number => {
    for (let place = hash & (places - 1); ; place = (place + 1) & (places - 1)) {
      const found = hashes[place];
      if (found === 0 || (found === hash && isAt(keys, place * words, key))) return place;
    }
  };
  return {
    has: (key, hash) => hashes[find(key, hash)] !== 0,
    add: (key, hash) => {
      const place = find(key, hash);
      if (hashes[place] === 0) size++;
      hashes[place] = hash;
      keys.set(key, place * words);
    },
    full: () => size >= capacity,
    clear: () => {
      hashes.fill(0);
      size = 0;
    },
  };
}

/** Never 0, which marks a free place. */
function hashOf(key: Int32Array, seed: number): number {
  let mixed = 0;
  for (let word = 0; word < words; word++) {
    mixed = Math.imul(mixed ^ (key[word] as number), seed);
    mixed ^= mixed >>> 15;
  }
  return mixed === 0 ? 1 : mixed;
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
