import { setTimeout as pause } from "node:timers/promises";
import { Client } from "pg";
import { applyBatch, type Applied } from "./apply-batch.ts";
import type { InboxRow } from "./batch.ts";
import { claimShard, type Positions } from "./claim-shard.ts";
import type { KnownPartitions } from "./ensure-partitions.ts";
import { advanced, readInbox, type ReadLimits } from "./read-inbox.ts";

/** What a shard's processor needs and whom it tells. */
export interface ProcessShardOptions {
  readonly databaseUrl: string;
  readonly shard: number;
  /** Bounds of one batch; the next one is read while a batch is applied, so twice that is in memory. */
  readonly limits: ReadLimits;
  /** Stops after the batch in hand. */
  readonly signal: AbortSignal;
  /** Called often while the loop is alive, however little there is to do. */
  readonly onBeat: () => void;
  /** `owner`: this process has the shard; `standby`: another one has. */
  readonly onRole: (role: "owner" | "standby") => void;
  readonly onApplied: (applied: Applied, seconds: number, lagSeconds: number) => void;
  /** The inbox was found empty. */
  readonly onIdle: () => void;
  /** The connection or a batch failed; it is tried again. */
  readonly onError: (error: unknown) => void;
}

const pollMs = { first: 10, most: 200 };
const retryMs = { first: 50, most: 2_000 };
const standbyMs = 250;
const answerMs = 60_000;

/**
 * Processes a shard until told to stop. A session is two connections: one owns the shard and applies, the other reads
 * ahead. Whatever goes wrong ends the session; the next one starts from the committed cursor.
 */
export async function processShard(options: ProcessShardOptions): Promise<void> {
  let delayMs = retryMs.first;
  while (!options.signal.aborted) {
    options.onBeat();
    try {
      await runSession(options, () => {
        delayMs = retryMs.first;
      });
    } catch (error) {
      options.onError(error);
      await sleep(delayMs, options.signal);
      delayMs = Math.min(delayMs * 2, retryMs.most);
    }
  }
}

async function runSession(options: ProcessShardOptions, onProgress: () => void): Promise<void> {
  const { databaseUrl, shard, signal } = options;
  await using applier = await connect(databaseUrl, "usage-processor");
  const claim = await waitForShard(applier.client, options);
  if (!claim) return;
  await using reader = await connect(databaseUrl, "usage-processor-reader");
  options.onRole("owner");
  const known: KnownPartitions = new Set();
  const read = (after: Positions): Promise<InboxRow[]> => readInbox(reader.client, shard, after, options.limits);
  let { positions } = claim;
  let ahead: Promise<InboxRow[]> | undefined;
  let suspect = false;
  let pollDelayMs = pollMs.first;
  while (!signal.aborted) {
    options.onBeat();
    const rows = await (ahead ?? read(positions));
    ahead = undefined;
    if (rows.length === 0) {
      options.onIdle();
      await sleep(pollDelayMs, signal);
      pollDelayMs = Math.min(pollDelayMs * 2, pollMs.most);
      continue;
    }
    pollDelayMs = pollMs.first;
    positions = advanced(positions, rows);
    ahead = read(positions);
    ahead.catch(() => undefined); // awaited above unless the batch fails first
    const began = performance.now();
    const applied = await applyBatch(applier.client, claim.owned, rows, known, suspect);
    suspect = applied.duplicates > 0;
    options.onApplied(applied, (performance.now() - began) / 1000, lagSeconds(rows));
    onProgress();
  }
}

/** The claim, once whoever has the shard is gone; `undefined` when told to stop before. */
async function waitForShard(client: Client, options: ProcessShardOptions): ReturnType<typeof claimShard> {
  while (!options.signal.aborted) {
    options.onBeat();
    const claim = await claimShard(client, options.shard);
    if (claim) return claim;
    options.onRole("standby");
    await sleep(standbyMs, options.signal);
  }
  return undefined;
}

/** Age of the oldest of `rows`, by this host's clock; never negative. */
function lagSeconds(rows: readonly InboxRow[]): number {
  const oldest = Math.min(...rows.map((row) => Date.parse(row.receivedAt.replace(" ", "T"))));
  return Math.max(0, (Date.now() - oldest) / 1000);
}

async function connect(databaseUrl: string, name: string): Promise<AsyncDisposable & { readonly client: Client }> {
  const client = new Client({
    connectionString: databaseUrl,
    application_name: name,
    connectionTimeoutMillis: 10_000,
    query_timeout: answerMs,
    keepAlive: true,
    // Times travel as text and their days are those of UTC.
    options: "-c timezone=UTC",
  });
  client.on("error", () => undefined); // the query in flight, or the next one, fails with it
  await client.connect();
  // Not waited for: a server that hangs would never say goodbye.
  return { client, [Symbol.asyncDispose]: async () => void client.end().catch(() => undefined) };
}

async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  await pause(ms, undefined, { signal }).catch(() => undefined); // woken by the signal
}
