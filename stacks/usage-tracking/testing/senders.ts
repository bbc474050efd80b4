import { setTimeout as delay } from "node:timers/promises";
import { until } from "./database.ts";
import { send } from "./stack.ts";

/** Clients that send batches one after the other, each again and again until it is acknowledged. */
export interface Senders {
  /** Ids of the events of every batch that was answered with 202. */
  readonly acknowledged: ReadonlySet<string>;
  /** Resolves when so many more batches have been acknowledged. */
  readonly more: (batches: number) => Promise<void>;
  /** Ends when each client has its last batch acknowledged: then all that was sent was acknowledged. */
  readonly end: () => Promise<void>;
}

/** One client for each URL. */
export function startSenders(urls: readonly string[], key: string, newId: () => string): Senders {
  const acknowledged = new Set<string>();
  let batches = 0;
  let over = false;
  const sendUntilTaken = async (url: string, ids: readonly string[]): Promise<void> => {
    const json = ids.map((event_id) => ({
      event_id,
      service_type: "custom",
      service_provider: "p",
      metrics: { n: 1 },
    }));
    for (;;) {
      const answer = await send("POST", `${url}/api/v1/events/batch`, { key, json }).catch(() => undefined);
      if (answer?.status === 202) break;
      if (answer !== undefined && answer.status !== 503) throw new Error(`${answer.status} ${answer.text}`);
      await delay(20); // away: killed, or without its database
    }
    for (const id of ids) acknowledged.add(id);
    batches++;
  };
  const clients = urls.map(async (url) => {
    while (!over) {
      await sendUntilTaken(url, Array.from({ length: 5 }, newId));
      await delay(50); // a steady load, not a race with whoever starts again
    }
  });
  return {
    acknowledged,
    more: (count) => {
      const before = batches;
      return until(async () => {
        if (batches < before + count) throw new Error(`expected ${count} batches, got ${batches - before}`);
      }, 120_000);
    },
    end: async () => {
      over = true;
      await Promise.all(clients);
    },
  };
}
