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
 * behind. A mark at the cursor itself makes all later ids greater; what was taken in before it is added again after it, and
 * the mark goes last, so that whoever is interrupted goes on. An entry that is there twice is stored once.
 */
async function passOver(redis: RedisConnection, key: string, position: bigint): Promise<void> {
  if (position === 0n) return;
  const id = idAt(position);
  if ((await lastPosition(redis, key)) < position) await redis.send("XADD", key, id, ...mark);
  const [[, marked = []] = []] = (await redis.send("XRANGE", key, id, id)) as Entry[];
  if (String(marked[0]) !== mark[0]) return;
  for (;;) {
    const passed = (await redis.send("XRANGE", key, "-", `(${id}`, "COUNT", String(firstCount))) as Entry[];
    for (const [from, fields] of passed) {
      await redis.send("XADD", key, "*", ...fields);
      await redis.send("XDEL", key, from);
    }
    if (passed.length < firstCount) break;
  }
  await redis.send("XDEL", key, id);
}

const mark = ["passed-over", ""] as const;

async function lastPosition(redis: RedisConnection, key: string): Promise<bigint> {
  try {
    const info = (await redis.send("XINFO", "STREAM", key)) as Buffer[];
    return positionOf(String(pairs(info).get("last-generated-id") ?? "0-0"));
  } catch (error) {
    if (error instanceof Error && error.message.includes("no such key")) return 0n;
    throw error;
  }
}

type Entry = readonly [id: Buffer, fields: readonly Buffer[]];

/** What is no entry of ours becomes a row that nobody can decode: a dead letter with what it was. */
function readEntry([id, list]: Entry): { readonly row: InboxRow; readonly events: number } {
  const seq = positionOf(String(id));
  const place = { writer: streamWriter, seq, receivedAt: receivedAt(seq) };
  const fields = pairs(list);
  const [tenant, codec, events] = ["tenant", "codec", "events"].map((name) => Number(fields.get(name) ?? Number.NaN));
  const body = fields.get("body");
  if (fits(tenant, mostTenant) && fits(codec, mostCodec) && body)
    return { row: { ...place, tenant, codec, body }, events: events || 1 };
  const shown = JSON.stringify(list.map(String));
  return { row: { ...place, tenant: 0, codec: -1, body: Buffer.from(shown) }, events: 1 };
}

/** What PostgreSQL's integer and smallint can hold: a dead letter is kept with both. */
const [mostTenant, mostCodec] = [2 ** 31 - 1, 2 ** 15 - 1];

function fits(value: number | undefined, most: number): value is number {
  return value !== undefined && Number.isInteger(value) && value >= 0 && value <= most;
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
