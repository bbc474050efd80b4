import { createHash } from "node:crypto";

/**
 * The id of an event whose sender names it in another way: a UUID of version 8 (RFC 9562), 122 bits of the SHA-256 of
 * `kind` and `parts`. The same name always gives the same id, so that a retry is found out as one.
 */
export function derivedId(kind: "cloudevent" | "idempotency-key", ...parts: readonly string[]): string {
  const hash = createHash("sha256")
    .update(JSON.stringify([kind, ...parts]))
    .digest();
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x80;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  const hex = hash.toString("hex", 0, 16);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
