import type { ClientBase, PoolClient, QueryConfig, QueryResult } from "pg";
import type { Batching } from "./prompt-client.ts";

/** A connection of which everything is asked before anything is awaited. */
export type AtOnce = Pick<ClientBase, "query">;

const begin = { name: "begin-reads", text: "begin isolation level repeatable read, read only" };
const commit = { name: "commit-reads", text: "commit" };

/**
 * Sends what `read` asks before it first waits, inside one snapshot. `answered`: the connection owes nothing any more, and is
 * inside a transaction that failed where it rejects; `result` is what `read` makes of the answers.
 */
export function readAtOnce<T>(
  client: PoolClient,
  read: (client: AtOnce) => Promise<T>,
): { readonly answered: Promise<void>; readonly result: Promise<T> } {
  const asked: QueryConfig[] = [];
  const waiting: PromiseWithResolvers<QueryResult>[] = [];
  let sent = false;
  const query = (statement: string | QueryConfig, values?: unknown[]): Promise<QueryResult> => {
    if (sent) throw new Error("expected everything to be asked before the first answer is awaited");
    const answer = Promise.withResolvers<QueryResult>();
    asked.push({ ...(typeof statement === "string" ? { text: statement } : statement), ...(values && { values }) });
    waiting.push(answer);
    return answer.promise;
  };
  // The form with promises is the one there is here; node-postgres has more.
  const result = read({ query: query as unknown as AtOnce["query"] });
  sent = true;
  result.catch(() => {}); // it is returned, and awaited once the connection is given back
  const settle = async (): Promise<void> => {
    try {
      const [, ...results] = await (client as PoolClient & Batching).batch([begin, ...asked, commit]);
      for (const [nth, answer] of waiting.entries()) answer.resolve(results[nth] as QueryResult); // one for each
    } catch (error) {
      for (const answer of waiting) answer.reject(error);
      throw error;
    }
  };
  return { answered: settle(), result };
}
