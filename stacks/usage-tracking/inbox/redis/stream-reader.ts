import type { InboxRow, Positions, QueueReader, ReadLimits } from "../queue.ts";
import { connectRedis, type RedisConnection } from "./connect.ts";
import { idAt, positionOf, receivedAt, streamKey, streamWriter } from "./stream-position.ts";

/** How many entries are asked for at first; then as many as fit, by the size of those before. */
const firstCount = 4;
const mostCount = 1000;

/** Reads one shard's stream. */
export async function openStreamReader(url: string, shard: number): Promise<QueueReader> {
  const key = streamKey(shard);
  // The command in flight, or the next one, fails with a connection that is lost.
  const redis = await connectRedis(url, () => undefined);
  let checked = false;
  let count = firstCount;
  const next = async (after: bigint, limits: ReadLimits): Promise<InboxRow[]> => {
    const taken: InboxRow[] = [];
    let [events, bytes] = [0, 0];
    for (;;) {
      const from = idAt(taken.at(-1)?.seq ?? after);
      const entries = (await redis.send("XRANGE", key, `(${from}`, "+", "COUNT", String(count))) as Entry[];
      for (const entry of entries) {
        if (taken.length > 0 && (events >= limits.events || bytes >= limits.bytes)) return taken;
        const { row, events: held } = readEntry(entry);
        taken.push(row);
        events += held;
        bytes += row.body.length;
      }
      if (entries.length < count || events >= limits.events || bytes >= limits.bytes) return taken;
      count = Math.max(1, Math.min(mostCount, Math.floor(limits.bytes / 4 / (1 + bytes / taken.length))));
    }
  };
  return {
    read: async (positions, limits) => {
      const position = positions.get(streamWriter) ?? 0n;
      if (!checked) await passOver(redis, key, position);
      checked = true;
      return next(position, limits);
    },
    release: async (positions) => {
      const position = positions.get(streamWriter);
      if (position !== undefined) await redis.send("XTRIM", key, "MINID", idAt(position + 1n));
    },
    close: redis.close,
  };
}

/**
 * A Redis that lost its data, or was exchanged, must not give out ids that the cursor has passed: its clock may be
 * behind. An entry at the cursor itself, which is never read, makes all later ids greater.
 */
async function passOver(redis: RedisConnection, key: string, position: bigint): Promise<void> {
  if (position === 0n) return;
  const info = await redis.send("XINFO", "STREAM", key).catch((error: unknown) => {
    if (error instanceof Error && error.message.includes("no such key")) return [];
    throw error;
  });
  const fields = pairs(info as Buffer[]);
  const last = fields.get("last-generated-id");
  if (last !== undefined && positionOf(String(last)) >= position) return;
  await redis.send("XADD", key, idAt(position), "skipped", "");
  await redis.send("XTRIM", key, "MINID", idAt(position + 1n));
}

type Entry = readonly [id: Buffer, fields: readonly Buffer[]];

/** What is no entry of ours becomes a row that nobody can decode: a dead letter with what it was. */
function readEntry([id, list]: Entry): { readonly row: InboxRow; readonly events: number } {
  const seq = positionOf(String(id));
  const place = { writer: streamWriter, seq, receivedAt: receivedAt(seq) };
  const fields = pairs(list);
  const [tenant, codec, events] = ["tenant", "codec", "events"].map((name) => Number(fields.get(name) ?? Number.NaN));
  const body = fields.get("body");
  if (Number.isSafeInteger(tenant) && Number.isSafeInteger(codec) && body)
    return { row: { ...place, tenant: tenant ?? 0, codec: codec ?? -1, body }, events: events || 1 };
  const shown = JSON.stringify(list.map(String));
  return { row: { ...place, tenant: 0, codec: -1, body: Buffer.from(shown) }, events: 1 };
}

function pairs<T>(list: readonly T[]): Map<string, T> {
  const found = new Map<string, T>();
  for (let at = 0; at + 1 < list.length; at += 2) found.set(String(list[at]), list[at + 1] as T);
  return found;
}

/** First what another queue left, then the stream: a change of the queue loses nothing that was acknowledged. */
export function afterBacklog(backlog: QueueReader, stream: QueueReader): QueueReader {
  return {
    read: async (positions, limits) => {
      const rows = await backlog.read(positions, limits);
      return rows.length > 0 ? rows : stream.read(positions, limits);
    },
    release: (positions: Positions) => stream.release(positions),
    close: () => {
      backlog.close();
      stream.close();
    },
  };
}
