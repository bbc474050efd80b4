import { setTimeout } from "node:timers/promises";
import { InboxRefusal, type InboxItem } from "./group-commit.ts";
import type { QueueWriter, WriterOptions } from "./queue.ts";

/** A writer for as long as its connection lasts. */
export interface WriterSession {
  /** Rejects with an {@link InboxRefusal} when the queue said no, with anything else when what is stored is unknown. */
  readonly write: (items: readonly InboxItem[]) => Promise<void>;
  readonly close: () => void;
}

const retryDelayMs = { first: 50, most: 2_000 };

/**
 * Keeps a writer open: it connects again for ever, with growing pauses; what was in flight when the connection broke is
 * refused (it may be stored: the sender repeats it, and dedupe drops the copy). `lose` ends the session that `open` made.
 */
export function keepWriter(
  { signal, onReady, onLost }: WriterOptions,
  open: (lose: (error: Error) => void) => Promise<WriterSession>,
): QueueWriter {
  let current: (WriterSession & { readonly lose: (error: Error) => void }) | undefined;
  const stopped = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
  const runSession = async (): Promise<void> => {
    const lost = Promise.withResolvers<Error>();
    const session = await open(lost.resolve);
    current = { ...session, lose: lost.resolve };
    onReady();
    const error = await Promise.race([lost.promise, stopped]);
    current = undefined;
    session.close();
    if (error) throw error;
  };
  const ended = (async () => {
    let delayMs = retryDelayMs.first;
    while (!signal.aborted) {
      const began = performance.now();
      await runSession().catch(onLost);
      if (performance.now() - began > retryDelayMs.most) delayMs = retryDelayMs.first;
      await Promise.race([setTimeout(delayMs, undefined, { ref: false }), stopped]);
      delayMs = Math.min(delayMs * 2, retryDelayMs.most);
    }
  })();
  return {
    get ready() {
      return current !== undefined;
    },
    ended,
    write: async (items) => {
      const session = current;
      if (!session) throw new Error("expected an open connection, but it was lost");
      try {
        await session.write(items);
      } catch (error) {
        if (error instanceof InboxRefusal) throw error;
        // Whether it was stored is unknown, so the session is over: the next one finds out where it stands.
        if (current === session) current = undefined;
        session.lose(error instanceof Error ? error : new Error(String(error)));
        throw error;
      }
    },
  };
}
