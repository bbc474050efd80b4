import { createBoundedRedis, type BoundedRedis } from "../../redis/bounded-redis.ts";
import { idAt, positionOf, streamKey } from "./stream-position.ts";

/** Up to where each shard's stream is processed. */
type StreamPositions = ReadonlyMap<number, bigint>;

/** What waits in the streams, for those who only look. Everything is `undefined` while the Redis cannot be asked. */
export interface StreamBacklog {
  /** Age of the oldest entry after `positions`, in seconds by the clock of the Redis; 0 when there is none. */
  readonly lagSeconds: (positions: StreamPositions) => Promise<number | undefined>;
  /** Whether an entry of a tenant after `positions` holds an event; `complete` is false where there is too much to look through. */
  readonly holds: (
    positions: StreamPositions,
    tenant: number,
    id: string,
  ) => Promise<{ readonly found: boolean; readonly complete: boolean } | undefined>;
  readonly check: () => Promise<void>;
  readonly close: () => void;
}

// Ids alone travel: an entry may have four megabytes.
const oldest = `local now = redis.call("TIME")
local found = { now[1] .. "." .. string.format("%06d", now[2]) }
for n, key in ipairs(KEYS) do
  local entry = redis.call("XRANGE", key, ARGV[n], "+", "COUNT", 1)[1]
  if entry then found[#found + 1] = entry[1] end
end
return found`;

/** How much of a stream is looked through for an event: entries of one page, pages, bytes. */
const look = { entries: 50, pages: 20, bytes: 16 * 1024 * 1024 } as const;
const answerMs = 1_000;

/** Looks into the streams of the Redis at `url`. */
export async function createStreamBacklog(url: string, onError: (error: Error) => void): Promise<StreamBacklog> {
  const redis = await createBoundedRedis(url, { answerMs, onError });
  return {
    lagSeconds: async (positions) => {
      const keys = [...positions.keys()].map(streamKey);
      const after = [...positions.values()].map((position) => idAt(position + 1n));
      const answer = await redis.ask("EVAL", oldest, String(keys.length), ...keys, ...after);
      if (!Array.isArray(answer)) return undefined;
      const [seconds, ...ids] = answer.map(String);
      const ages = ids.map((id) => Number(seconds) - Number(id.split("-")[0]) / 1000);
      return Math.max(0, ...ages);
    },
    holds: async (positions, tenant, id) => {
      let complete = true;
      for (const [shard, position] of positions) {
        const found = await lookThrough(redis, shard, position, { tenant: String(tenant), text: `"id":"${id}"` });
        if (found === undefined || found === "found") return found && { found: true, complete: true };
        complete &&= found === "end";
      }
      return { found: false, complete };
    },
    check: redis.check,
    close: redis.close,
  };
}

async function lookThrough(
  redis: BoundedRedis,
  shard: number,
  position: bigint,
  wanted: { readonly tenant: string; readonly text: string },
): Promise<"found" | "end" | "more" | undefined> {
  let after = position;
  let bytes = 0;
  for (let page = 0; page < look.pages && bytes < look.bytes; page++) {
    const command = ["XRANGE", streamKey(shard), idAt(after + 1n), "+", "COUNT", String(look.entries)];
    const entries = (await redis.ask(...command)) as readonly Entry[] | undefined;
    if (!entries) return undefined;
    for (const [id, fields] of entries) {
      after = positionOf(id);
      const body = fieldOf(fields, "body") ?? "";
      bytes += body.length;
      if (fieldOf(fields, "tenant") === wanted.tenant && body.includes(wanted.text)) return "found";
    }
    if (entries.length < look.entries) return "end";
  }
  return "more";
}

type Entry = readonly [id: string, fields: readonly string[]];

function fieldOf(fields: readonly string[], name: string): string | undefined {
  const at = fields.findIndex((field, index) => index % 2 === 0 && field === name);
  return at < 0 ? undefined : fields[at + 1];
}
