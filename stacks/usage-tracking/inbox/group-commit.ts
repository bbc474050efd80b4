/** A request's accepted events on their way into the inbox. */
export interface InboxItem {
  readonly tenant: number;
  /** How many events `body` holds. */
  readonly events: number;
  readonly body: Buffer;
}

/** Commits items in one transaction; resolves after COMMIT, rejects when they are (or may be) not stored. */
export interface GroupWriter {
  readonly ready: boolean;
  write(items: readonly InboxItem[]): Promise<void>;
}

/**
 * Why an item was not stored. `full`: too much is waiting already; `unavailable`: the queue does not answer; `disk`:
 * it has no room.
 */
export class InboxRefusal extends Error {
  readonly reason: "full" | "unavailable" | "disk";

  constructor(reason: InboxRefusal["reason"], cause?: unknown) {
    super(`inbox ${reason}`, { cause });
    this.name = "InboxRefusal";
    this.reason = reason;
  }
}

/** Bounds of what waits and of one transaction. */
export interface GroupCommitLimits {
  /** Bytes of bodies that wait or are being written; beyond them items are refused. */
  readonly pendingBytes: number;
  /** Most items of one transaction. */
  readonly groupItems: number;
  /** Bytes of bodies of one transaction; one item always fits. */
  readonly groupBytes: number;
}

/** Many requests, few transactions: what waits while a writer is busy is committed together when it is free. */
export interface GroupCommit {
  /** Resolves once the item is durable. Rejects with an {@link InboxRefusal}; then the item may be sent again. */
  submit(item: InboxItem): Promise<void>;
  /** Bytes that wait or are being written. */
  pendingBytes(): number;
  /** Takes up what waits: called when a writer became ready. */
  wake(): void;
}

/**
 * Shares `writers` among the items submitted. Each writer has one transaction in flight; a failed one refuses its items
 * and no others. With no writer ready an item is refused at once: nobody knows for how long.
 */
export function createGroupCommit(writers: readonly GroupWriter[], limits: GroupCommitLimits): GroupCommit {
  const waiting: Waiting[] = [];
  const busy = new Set<GroupWriter>();
  let pendingBytes = 0;

  const wake = (): void => {
    if (waiting.length > 0 && writers.every((writer) => !writer.ready && !busy.has(writer))) {
      for (const each of waiting.splice(0)) settle(each, new InboxRefusal("unavailable"));
    }
    for (const writer of writers) if (waiting.length > 0 && writer.ready && !busy.has(writer)) void flush(writer);
  };
  const flush = async (writer: GroupWriter): Promise<void> => {
    const group = takeGroup(waiting, limits);
    busy.add(writer);
    let failure: InboxRefusal | undefined;
    try {
      await writer.write(group.map((each) => each.item));
    } catch (error) {
      failure =
        error instanceof InboxRefusal ? error : new InboxRefusal(isDiskFull(error) ? "disk" : "unavailable", error);
    }
    busy.delete(writer);
    for (const each of group) settle(each, failure);
    wake();
  };
  const settle = (each: Waiting, failure?: InboxRefusal): void => {
    pendingBytes -= each.item.body.length;
    if (failure) each.reject(failure);
    else each.resolve();
  };
  return {
    submit: (item) =>
      new Promise((resolve, reject) => {
        if (pendingBytes > 0 && pendingBytes + item.body.length > limits.pendingBytes) {
          reject(new InboxRefusal("full"));
          return;
        }
        pendingBytes += item.body.length;
        waiting.push({ item, resolve, reject });
        wake();
      }),
    pendingBytes: () => pendingBytes,
    wake,
  };
}

/** SQLSTATE disk_full: PostgreSQL could not write. */
function isDiskFull(error: unknown): boolean {
  return error instanceof Error && (error as { code?: unknown }).code === "53100";
}

interface Waiting {
  readonly item: InboxItem;
  readonly resolve: () => void;
  readonly reject: (refusal: InboxRefusal) => void;
}

function takeGroup(waiting: Waiting[], limits: GroupCommitLimits): Waiting[] {
  let bytes = 0;
  let count = 0;
  for (const { item } of waiting) {
    bytes += item.body.length;
    if (count === limits.groupItems || (count > 0 && bytes > limits.groupBytes)) break;
    count++;
  }
  return waiting.splice(0, count);
}
