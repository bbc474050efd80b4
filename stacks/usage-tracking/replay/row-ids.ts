import { createHash } from "node:crypto";
import type { Row } from "./mapping.ts";

/**
 * Event ids of the rows of a file, in order: each is a hash of everything up to and including its row. The same file
 * gives the same ids, so replaying it again adds nothing; so does a file that has grown, for the rows it had before.
 */
export function createRowIds(source: string): (row: Row) => string {
  let previous = createHash("sha256").update(source).digest();
  return (row) => {
    previous = createHash("sha256").update(previous).update(JSON.stringify(row)).digest();
    return uuidOf(previous);
  };
}

/** A version 8 UUID (RFC 9562: bits of one's own making) of the first bits of a hash. */
function uuidOf(hash: Buffer): string {
  const hex = hash.toString("hex");
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
