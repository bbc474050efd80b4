/** Everything that comes out of a stream has this writer: PostgreSQL's own are 0 and above. */
export const streamWriter = -1;

/** The stream of a shard. */
export function streamKey(shard: number): string {
  return `usage:inbox:${shard}`;
}

// An id is `ms-n`, n counting within a millisecond. 42 bits of milliseconds last until the year 2109.
const countBits = 20n;
const mostCount = (1n << countBits) - 1n;

/** An entry's id as one number that grows with it, so that a cursor of PostgreSQL holds it. */
export function positionOf(id: string): bigint {
  const [ms = "", count = ""] = id.split("-");
  if (BigInt(count) > mostCount) throw new Error(`expected at most ${mostCount} entries a millisecond, got id ${id}`);
  return (BigInt(ms) << countBits) | BigInt(count);
}

/** The id at a position. */
export function idAt(position: bigint): string {
  return `${position >> countBits}-${position & mostCount}`;
}

/** When the Redis took an entry in, as PostgreSQL writes it. */
export function receivedAt(position: bigint): string {
  const iso = new Date(Number(position >> countBits)).toISOString();
  return iso.replace("T", " ").replace("Z", "+00");
}
