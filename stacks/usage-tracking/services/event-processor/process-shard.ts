import { Client } from "pg";
import { applyBatch, type Applied, type OwnedShard } from "./apply-batch.ts";
import {
  advanced,
  type InboxRow,
  type Positions,
  type Queue,
  type QueueReader,
  type ReadLimits,
  receivedInstant,
} from "../../inbox/queue.ts";
import { claimShard } from "./claim-shard.ts";
import { createKnown, type Known } from "./known.ts";
import { prepareBatch, type PreparedBatch } from "./prepare-batch.ts";
import { RefusedBatchError } from "./store-events.ts";

/** What a shard's processor needs and whom it tells. */
export interface ShardProcessorOptions {
  readonly databaseUrl: string;
  readonly queue: Queue;
  readonly shard: number;
  /** Bounds of one batch; the next one is read while a batch is applied, so twice that is in memory. */
  readonly limits: ReadLimits;
  /** `owner`: this process has the shard; `standby`: another one has; `none`: there is no connection. */
  readonly onRole: (role: "owner" | "standby" | "none") => void;
  readonly onApplied: (applied: Applied, seconds: number, lagSeconds: number) => void;
  /** The inbox was found empty. */
  readonly onIdle: () => void;
}

/** Processes a shard step by step. A step that throws has ended its session; the next one starts another. */
export interface ShardProcessor {
  /** Applies one batch, or claims the shard. True when there may be more to do at once. */
  readonly step: () => Promise<boolean>;
  readonly close: () => Promise<void>;
}

/** A session: one connection owns the shard and applies; the queue's own reads ahead. */
interface Session {
  readonly applier: Client;
  readonly reader: QueueReader;
  readonly known: Known;
  /** Memory of batches that are committed. */
  readonly free: Buffer[];
  owned?: OwnedShard;
  positions: Positions;
  ahead?: Promise<PreparedBatch>;
  /** Events that the next batch may have. */
  next: number;
  suspect: boolean;
}

const answerMs = 60_000;

/** Events of a batch that is read while none is applied. */
function firstOf({ limits }: ShardProcessorOptions): number {
  return Math.ceil(limits.events / 8);
}

/**
 * Events of a batch that is searched for those that the database refuses: each costs milliseconds, and all may be. Larger ones
 * with any are read again as small as that.
 */
const searched = 1000;

/** Makes the processor of one shard. Whatever goes wrong, it starts over from the committed cursor. */
export function createShardProcessor(options: ShardProcessorOptions): ShardProcessor {
  let session: Session | undefined;
  const close = async (): Promise<void> => {
    const { applier, reader } = session ?? {};
    session = undefined;
    options.onRole("none");
    reader?.close();
    // Not waited for: a server that hangs would never say goodbye.
    void applier?.end().catch(() => undefined);
  };
  return {
    close,
    step: async () => {
      try {
        session ??= await openSession(options);
        if (session.owned) return await applyNext(session, session.owned, options);
        const claim = await claimShard(session.applier, options.shard);
        options.onRole(claim ? "owner" : "standby");
        if (!claim) return false;
        session.owned = claim.owned;
        session.positions = claim.positions;
        return true;
      } catch (error) {
        await close();
        throw error;
      }
    },
  };
}

async function applyNext(session: Session, owned: OwnedShard, options: ShardProcessorOptions): Promise<boolean> {
  const read = async (events: number): Promise<PreparedBatch> =>
    prepareBatch(await session.reader.read(session.positions, { ...options.limits, events }), session.free);
  const asked = session.next;
  const prepared = await (session.ahead ?? read(asked));
  const { rows } = prepared;
  delete session.ahead;
  // Nobody waits for a first batch to be read that is small; and each may have twice the events of the one that is applied
  // meanwhile, which takes about twice as long an event.
  session.next = rows.length === 0 ? firstOf(options) : Math.min(options.limits.events, asked * 2);
  if (rows.length === 0) {
    options.onIdle();
    return false;
  }
  const before = session.positions;
  const positions = advanced(before, rows);
  session.positions = positions;
  const ahead = read(session.next);
  session.ahead = ahead;
  ahead.catch(() => undefined); // awaited by the next step, unless this one fails
  const began = performance.now();
  let applied: Applied;
  try {
    const { applier, known, suspect } = session;
    applied = await applyBatch(applier, owned, prepared, known, suspect, asked <= searched);
  } catch (error) {
    if (!(error instanceof RefusedBatchError)) throw error;
    await ahead; // nobody else reads meanwhile
    delete session.ahead;
    session.positions = before;
    session.next = searched;
    return true;
  }
  session.suspect = applied.duplicates > 0;
  options.onApplied(applied, (performance.now() - began) / 1000, lagSeconds(rows));
  prepared.written?.release();
  await session.reader.release(positions);
  return true;
}

/** Age of the oldest of `rows`, by this host's clock; never negative. */
function lagSeconds(rows: readonly InboxRow[]): number {
  const oldest = Math.min(...rows.map(receivedInstant)) / 1000;
  return Math.max(0, (Date.now() - oldest) / 1000);
}

async function openSession(options: ShardProcessorOptions): Promise<Session> {
  const { databaseUrl, queue, shard } = options;
  const applier = await connect(databaseUrl);
  try {
    const reader = await queue.openReader(shard);
    return {
      applier,
      reader,
      known: createKnown(),
      free: [],
      positions: new Map(),
      next: firstOf(options),
      suspect: false,
    };
  } catch (error) {
    await applier.end().catch(() => undefined); // the first error says more
    throw error;
  }
}

async function connect(databaseUrl: string): Promise<Client> {
  const client = new Client({
    connectionString: databaseUrl,
    application_name: "usage-processor",
    connectionTimeoutMillis: 10_000,
    query_timeout: answerMs,
    keepAlive: true,
    // Times travel as text and their days are those of UTC.
    options: "-c timezone=UTC",
  });
  client.on("error", () => undefined); // the query in flight, or the next one, fails with it
  await client.connect();
  return client;
}
