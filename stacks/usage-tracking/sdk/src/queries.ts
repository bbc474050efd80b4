import { backoffMs, pause, type RetryBounds } from "./backoff.ts";
import { request, type Answer, type Connection } from "./request.ts";
import type { Fresh, ListedEvent, UsageClient } from "./usage-client.ts";
import { isPassing, UsageError } from "./usage-error.ts";

/** What questions need. */
export interface QueryParts extends Connection {
  readonly url: string;
  readonly retry: RetryBounds;
  readonly signal: AbortSignal;
}

/** How often a question is asked before its error is the caller's. */
const attempts = 4;

/** The half of a client that asks. */
export function createQueries(parts: QueryParts): Pick<UsageClient, "get" | "events"> {
  const get = async (path: string, question: LooseQuestion): Promise<Fresh<unknown>> => {
    const { headers, body } = await ask(`${parts.url}${pathOf(path, question.path)}${queryOf(question.query)}`, parts);
    const lag = headers.get("x-usage-lag-seconds");
    return { data: body, ...(lag !== null && { lagSeconds: Number(lag) }) };
  };
  async function* events(query: Readonly<Record<string, unknown>>): AsyncGenerator<ListedEvent> {
    let cursor: string | undefined;
    do {
      const { data } = await get("/api/v1/usage", { query: { ...query, ...(cursor !== undefined && { cursor }) } });
      const page = data as { readonly events: readonly ListedEvent[]; readonly next_cursor?: string };
      yield* page.events;
      cursor = page.next_cursor;
    } while (cursor !== undefined);
  }
  // The types of a path's question and answer are those of the generated description.
  return { get: get as UsageClient["get"], events };
}

interface LooseQuestion {
  readonly path?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
}

async function ask(url: string, parts: QueryParts): Promise<Answer> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await request(parts, url, { wanted: [200], signal: parts.signal });
    } catch (error) {
      if (!(error instanceof UsageError) || !isPassing(error) || attempt + 1 >= attempts) throw error;
      await pause(backoffMs(attempt, error.retryAfterMs, parts.retry, Math.random), parts.signal);
    }
  }
}

function pathOf(path: string, parameters: Readonly<Record<string, unknown>> = {}): string {
  return path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => encodeURIComponent(String(parameters[name])));
}

function queryOf(query: Readonly<Record<string, unknown>> = {}): string {
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined);
  if (pairs.length === 0) return "";
  return `?${new URLSearchParams(pairs.map(([name, value]): [string, string] => [name, String(value)]))}`;
}
